package io.quarterdeck.system.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.system.harness.ApiAlone;
import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs on client-go, controller-runtime, the Python client and Helm, against the API alone: each prints {@code ok} for what it could do. */
class ProgramsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static Instance instance;

    @BeforeAll
    static void start() {
        instance = ApiAlone.shared();
    }

    private static List<String> failures(Commands.Result run) {
        assertThat(run.out()).as(run.err()).contains("ok ");
        return run.out().lines().filter(line -> !line.startsWith("ok ")).toList();
    }

    /** Informers of client-go list by a watch when WatchListClient is on, as it is by default since 1.35. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void clientGo(String watchList) throws IOException {
        Path program = GoPrograms.built("client-go");
        Commands.Result run = new Commands(Map.of("KUBE_FEATURE_WatchListClient", watchList))
                .run(
                        PATIENCE,
                        "",
                        List.of(
                                program.toString(),
                                "--kubeconfig",
                                ApiAlone.kubeconfig(instance).toString(),
                                "--namespace",
                                "client-go-" + watchList));

        assertThat(failures(run)).isEmpty();
    }

    /** An operator with a kind of its own, on controller-runtime: caches, owners, finalizers, status, leader election. */
    @Test
    void controllerRuntime() throws IOException {
        Path program = GoPrograms.built("operator");
        Commands.Result run = new Commands(Map.of())
                .run(
                        PATIENCE,
                        "",
                        List.of(
                                program.toString(),
                                "--from",
                                ApiAlone.kubeconfig(instance).toString()));

        assertThat(failures(run)).as(run.err()).isEmpty();
    }

    @Test
    void python() throws IOException {
        Commands.Result run = new Commands(Map.of())
                .run(
                        PATIENCE,
                        "",
                        List.of(
                                Python.withKubernetes().toString(),
                                Python.PROGRAM.toString(),
                                ApiAlone.kubeconfig(instance).toString(),
                                "python"));

        assertThat(failures(run)).as(run.err()).isEmpty();
    }

    @Test
    void helmInstallsUpgradesRollsBackAndUninstalls() throws IOException {
        Path helm = program("helm");
        Commands shell = new Commands(Map.of(
                "KUBECONFIG",
                ApiAlone.kubeconfig(instance).toString(),
                "HOME",
                Files.createDirectories(Path.of("target/clients/helm-home").toAbsolutePath())
                        .toString()));
        String chart = Path.of("src/test/clients/chart").toAbsolutePath().toString();

        assertThat(run(shell, helm, "install", "shop", chart, "--namespace", "helm", "--create-namespace"))
                .contains("STATUS: deployed", "REVISION: 1");
        assertThat(kubectl("get customresourcedefinition orders.shop.example.com -o name"))
                .contains("orders.shop.example.com");
        assertThat(kubectl("-n helm get configmap -o name"))
                .contains("shop-settings", "shop-before")
                .doesNotContain("shop-after");
        assertThat(kubectl("-n helm get configmap shop-settings -o jsonpath={.data}"))
                .isEqualTo("{\"autoscaling\":\"v2\",\"kubernetes\":\"1\",\"namespace\":\"found\",\"revision\":\"1\"}");

        assertThat(run(shell, helm, "upgrade", "shop", chart, "--namespace", "helm", "--set", "replicas=3"))
                .contains("REVISION: 2");
        assertThat(kubectl("-n helm get deployment shop -o jsonpath={.spec.replicas}"))
                .isEqualTo("3");
        run(shell, helm, "rollback", "shop", "1", "--namespace", "helm");
        assertThat(kubectl("-n helm get deployment shop -o jsonpath={.spec.replicas}"))
                .isEqualTo("1");
        assertThat(run(shell, helm, "list", "--namespace", "helm")).contains("shop", "deployed", "shop-0.1.0");
        assertThat(run(shell, helm, "history", "shop", "--namespace", "helm")).contains("superseded", "Rollback to 1");
        run(shell, helm, "uninstall", "shop", "--namespace", "helm");
        assertThat(kubectl("-n helm get deployment,secret -o name")).isEmpty();
    }

    private static String run(Commands shell, Path program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return shell.run(PATIENCE, "", command).good();
    }

    private static String kubectl(String arguments) {
        return instance.kubectl("--kubeconfig " + ApiAlone.kubeconfig(instance) + " " + arguments)
                .good();
    }

    /** A program of the path, or of where {@code go install} puts one. */
    private static Path program(String name) {
        String path = System.getenv("PATH") + ":" + System.getProperty("user.home") + "/go/bin";
        var found = List.of(path.split(":")).stream()
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), name + " is not installed: skipped");
        return found.orElseThrow();
    }

    @Test
    void k9sStartsAndLists() throws IOException {
        Path k9s = program("k9s");
        assumeTrue(Commands.installed("script"), "script(1), which gives k9s a terminal, is not installed: skipped");
        Path home = Files.createDirectories(Path.of("target/clients/k9s-home").toAbsolutePath());
        Commands shell = new Commands(Map.of("HOME", home.toString(), "TERM", "xterm-256color"));
        // The first by name: other tests leave more namespaces than a screen has lines.
        String shown = "a-k9s-shows-this";
        kubectl("create namespace " + shown);
        Path screen = home.resolve("screen");
        Files.deleteIfExists(screen);
        // In the terminal's foreground: in a process group of its own k9s would be stopped for reading from it,
        // and whether timeout(1) makes one depends on the shell of whoever runs the tests.
        String command = "stty rows 40 cols 160; timeout --foreground 100 %s --kubeconfig %s --command namespaces"
                .formatted(k9s, ApiAlone.kubeconfig(instance));
        String whenListed = "for i in $(seq 180); do grep -q %s '%s' && break; sleep 0.5; done; printf ':q\\r'"
                .formatted(shown, screen);

        Commands.Result run = shell.run(
                PATIENCE,
                "",
                List.of(
                        "bash",
                        "-c",
                        "touch '%1$s'; (%2$s) | script -qefc '%3$s' '%1$s' || true"
                                .formatted(screen, whenListed, command)));

        assertThat(run.out()).contains(shown);
    }
}
