package io.quarterdeck.system.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.system.harness.Instance;
import io.quarterdeck.system.harness.Told;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a user meets at the command line; each failure is one line of cause and one command that mends it, in seconds. */
class CommandLineIT {
    private final Instance instance = new Instance("cli");

    @AfterEach
    void reset() {
        instance.close();
    }

    /** Without it all works, at half the speed, and nobody would notice. */
    @Test
    void theBuildHoldsTheRecordedStart() {
        assertThat(Path.of("../../standalone/target/app/server.aot"))
                .isRegularFile()
                .isNotEmptyFile();
    }

    @Test
    void aTakenPortIsNamedAndAnotherProposed() throws IOException {
        try (var _ = new ServerSocket(instance.port())) {
            Told.told(
                    () -> instance.up("--components", "api"),
                    "port " + instance.port() + " (API) is taken",
                    "up --port");
        }
    }

    @Test
    void aDamagedDataDirectoryIsNotStartedOn() throws IOException {
        Files.createDirectories(instance.data().resolve("postgres/data"));
        Told.told(() -> instance.up("--components", "api"), "has lost its password", "reset --data");
    }

    @Test
    void aDirectoryOfSomebodyElseIsNeitherUsedNorRemoved() throws IOException {
        Path precious = instance.data().resolve("precious");
        Files.createDirectories(instance.data());
        Files.writeString(precious, "do not lose");
        Told.told(() -> instance.up("--components", "api"), "which is not Quarterdeck's", "up --data");
        Told.told(() -> instance.quarterdeck("reset"), "nothing was removed", "ls ");
        assertThat(precious).hasContent("do not lose");
        Files.delete(precious);
    }

    @Test
    void aKubeconfigThatIsNoneIsToldBeforeTheStart() throws IOException {
        Path kubeconfig = Files.writeString(instance.home().resolve("kubeconfig"), "{ broken: [");
        Told.told(() -> instance.up("--components", "api"), "is no kubeconfig", "mv " + kubeconfig);
        assertThat(kubeconfig).hasContent("{ broken: [");
        Files.delete(kubeconfig);
    }

    @Test
    void wrongArgumentsAreExplained() {
        Told.told(() -> instance.up("--components", "api,kubelet"), "unknown component \"kubelet\"", "");
        Told.told(() -> instance.quarterdeck("dwon"), "'dwon'", "--help");
    }

    @Test
    void upStatusDownResetOfAnApi() throws IOException {
        Files.writeString(instance.home().resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: other
                clusters: [{name: other, cluster: {server: "https://other:6443"}}]
                contexts: [{name: other, context: {cluster: other, user: other}}]
                users: [{name: other, user: {token: secret}}]
                """);
        String said = instance.up("--components", "api").good();
        assertThat(said).contains("[1/4]").contains("Context").contains(instance.server());
        List<String> summary = said.lines()
                .dropWhile(line -> !line.isEmpty())
                .filter(line -> !line.isEmpty())
                .toList();
        assertThat(summary).hasSizeLessThanOrEqualTo(8);

        Path kubeconfig = instance.home().resolve("kubeconfig");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kubeconfig)))
                .isEqualTo("rw-------");
        assertThat(kubeconfig).content().contains("https://other:6443").contains(instance.server());
        assertThat(instance.home().resolve("kubeconfig.bak"))
                .content()
                .contains("https://other:6443")
                .doesNotContain(instance.server());
        assertThat(instance.kubectl("get namespaces -o name").good()).contains("namespace/kube-system");

        assertThat(instance.up("--components", "api").good()).contains("already runs");
        assertThat(instance.quarterdeck("status").good()).contains("ready").contains("MiB resident");

        assertThat(instance.quarterdeck("down").good()).startsWith("Stopped");
        assertThat(instance.quarterdeck("status").status()).isEqualTo(3);

        instance.quarterdeck("reset").good();
        assertThat(instance.data()).doesNotExist();
        assertThat(kubeconfig).content().contains("https://other:6443").doesNotContain(instance.server());
    }

    @Test
    void objectsOutliveAKilledServerAndOneThatHangs() {
        instance.up("--components", "api").good();
        instance.kubectl("create configmap kept --from-literal=a=b").good();
        String uid = kept();
        instance.kill();
        instance.up("--components", "api").good();
        assertThat(kept()).isEqualTo(uid);

        instance.freeze();
        assertThat(instance.quarterdeck("down").good()).startsWith("Stopped");
        assertThat(instance.quarterdeck("status").status()).isEqualTo(3);
        instance.up("--components", "api").good();
        assertThat(kept()).isEqualTo(uid);
    }

    private String kept() {
        return instance.kubectl("get configmap kept -o jsonpath={.metadata.uid}")
                .good();
    }
}
