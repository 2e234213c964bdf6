package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.quarterdeck.system.harness.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The chart renders, with every switch, to objects that Kubernetes knows. */
class ChartIT {
    private static final String CHART =
            Path.of("../../helm/quarterdeck").toAbsolutePath().normalize().toString();
    private static final List<String> REQUIRED =
            List.of("--set", "postgresql.host=postgres", "--set", "kafka.bootstrapServers=kafka:9092");

    private final Commands commands = new Commands(Map.of());

    @BeforeAll
    static void helm() {
        assumeTrue(Commands.installed("helm"), "helm is not installed: skipped");
    }

    private Commands.Result helm(List<String> command, String... more) {
        List<String> line = new ArrayList<>(List.of("helm"));
        line.addAll(command);
        line.addAll(List.of(more));
        return commands.run(Duration.ofMinutes(1), "", line);
    }

    private List<HasMetadata> rendered(String... more) {
        List<String> command = new ArrayList<>(List.of("template", "release", CHART));
        command.addAll(REQUIRED);
        return List.of(helm(command, more).good().split("(?m)^---$")).stream()
                .filter(text -> text.contains("kind:"))
                .map(text -> Serialization.<HasMetadata>unmarshal(text))
                .toList();
    }

    @Test
    void isWithoutComplaint() {
        List<String> command = new ArrayList<>(List.of("lint", "--strict", CHART));
        command.addAll(REQUIRED);
        assertThat(helm(command).good()).contains("0 chart(s) failed");
    }

    @Test
    void rendersADeploymentForEachServiceAndADaemonSetForEachAgent() {
        assertThat(rendered())
                .extracting(
                        object -> object.getKind() + "/" + object.getMetadata().getName())
                .containsExactlyInAnyOrder(
                        "Deployment/release-api",
                        "Deployment/release-controllers",
                        "Deployment/release-scheduler",
                        "DaemonSet/release-node",
                        "DaemonSet/release-proxy",
                        "Service/quarterdeck-api",
                        "PodDisruptionBudget/release-api");
    }

    @Test
    void rendersWithEverySwitch() {
        assertThat(rendered(
                        "--set",
                        "node.enabled=false,proxy.enabled=false,api.tokenAuthSecret=tokens,kafka.saslMechanism=PLAIN",
                        "--set",
                        "imagePullSecrets[0].name=pull,nodeSelector.disk=ssd,extraEnv[0].name=A,extraEnv[0].value=b"))
                .hasSize(5)
                .allSatisfy(object -> assertThat(object.getMetadata().getName()).isNotBlank());
    }

    @Test
    void aNodeThatJoinsByATokenNeedsNoKeysOnItsDisk() {
        assertThat(rendered("--set", "node.bootstrapSecret=node-bootstrap"))
                .filteredOn(object -> object.getMetadata().getName().equals("release-node"))
                .singleElement()
                .extracting(Serialization::asYaml)
                .asString()
                .contains("secretName: \"node-bootstrap\"", "/etc/quarterdeck/bootstrap.kubeconfig")
                .doesNotContain("kubelet.key", "path: \"/etc/quarterdeck\"");
    }

    @Test
    void saysWhatIsMissing() {
        Commands.Result result = helm(List.of("template", "release", CHART));
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).contains("is required");
    }
}
