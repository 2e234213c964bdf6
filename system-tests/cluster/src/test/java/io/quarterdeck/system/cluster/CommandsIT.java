package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.system.harness.ApiAlone;
import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import io.quarterdeck.system.harness.Told;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that look at a running instance, and those that need none. */
class CommandsIT {
    private static Instance instance;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        instance = ApiAlone.shared();
    }

    private Commands.Result shell(String program, String script) {
        return instance.commands().run(Duration.ofSeconds(30), "", List.of(program, "-c", script));
    }

    @Test
    void versionNamesProductApiAndJava() {
        assertThat(instance.program("version").good().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line).matches("Quarterdeck \\d+\\.\\d+\\.\\d+.*"),
                        line -> assertThat(line).matches("Kubernetes API v1\\.\\d+\\.\\d+"),
                        line -> assertThat(line).startsWith("Java "));
    }

    @Test
    void bashCompletesCommandsAndOptions() throws IOException {
        Path script = directory.resolve("completion.bash");
        Files.writeString(script, instance.program("completion", "bash").good());
        String complete = "source " + script + "; COMP_WORDS=(quarterdeck %s); COMP_CWORD=%d; _complete_quarterdeck; "
                + "echo \"${COMPREPLY[@]}\"";
        assertThat(shell("bash", complete.formatted("do", 1)).good()).contains("doctor", "down");
        assertThat(shell("bash", complete.formatted("up --com", 2)).good()).contains("--components");
    }

    @Test
    void zshCompletesThroughItsEmulationOfBash() throws IOException {
        String script = instance.program("completion", "zsh").good();
        assertThat(script).startsWith("autoload -U +X compinit").contains("bashcompinit", "_complete_quarterdeck");
        if (Commands.installed("zsh")) {
            Path file = Files.writeString(directory.resolve("completion.zsh"), script);
            assertThat(shell("zsh", "source " + file + " && echo loaded").good())
                    .endsWith("loaded\n");
        }
    }

    @Test
    void kubeconfigIsOneThatKubectlTakes() throws IOException {
        assumeTrue(Commands.installed("kubectl"), "kubectl is not installed: skipped");
        Path file = directory.resolve("kubeconfig");
        Files.writeString(file, instance.quarterdeck("kubeconfig").good());
        assertThat(instance.kubectl("--kubeconfig=" + file + " auth whoami -o jsonpath={.status.userInfo.username}")
                        .good())
                .isEqualTo("kubernetes-admin");
    }

    @Test
    void logsShowAllOrOnePart() {
        assertThat(instance.quarterdeck("logs").good()).isNotBlank();
        assertThat(instance.quarterdeck("logs", "postgres").good()).contains("database system is ready");
        Told.told(() -> instance.quarterdeck("logs", "kubelet"), "there is no log of \"kubelet\"", " logs");
    }

    @Test
    void logsAreFollowed() throws IOException {
        Path log = instance.data().resolve("logs/dockerd.log");
        Files.writeString(log, "first\n");
        Path seen = directory.resolve("seen");
        Process follow = instance.start(seen, "logs", "dockerd", "-f");
        try {
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(seen).hasContent("first"));
            Files.writeString(log, "second\n", StandardOpenOption.APPEND);
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(seen).hasContent("first\nsecond"));
        } finally {
            follow.destroy();
            Files.delete(log);
        }
    }

    @Test
    void logsArePackedWithoutSecrets() throws IOException {
        Path archive = Path.of(instance.quarterdeck("logs", "export").good().strip());
        try {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)))
                    .isEqualTo("rw-------");
            assertThat(shell("sh", "tar -tzf " + archive).good())
                    .contains(
                            "quarterdeck-logs/quarterdeck.log", "quarterdeck-logs/state", "quarterdeck-logs/versions");
            String everything = shell("sh", "tar -xzOf " + archive).good();
            assertThat(everything)
                    .doesNotContain("PRIVATE KEY")
                    .doesNotContain(ApiAlone.TOKEN + ",")
                    .doesNotContain(Files.readString(instance.data().resolve("postgres/password"))
                            .strip());
        } finally {
            Files.delete(archive);
        }
    }

    @Test
    void statusPrintsTheFiguresOfTheStartAndOfNow() {
        assertThat(instance.quarterdeck("status").good())
                .containsPattern("API +https://127\\.0\\.0\\.1:" + instance.port() + " +ready")
                .containsPattern("api +UP")
                .containsPattern("Start +/readyz \\d+\\.\\d s \\(PostgreSQL \\d+\\.\\d s, Kafka \\d+\\.\\d s\\)")
                .containsPattern("Load +\\d+ MiB resident, \\d+\\.\\d % of a core");
    }

    @Test
    void doctorFindsNothingWrongWithWhatRuns() {
        assertThat(instance.quarterdeck("doctor", "--components", "api").good())
                .contains("in use by the running instance")
                .endsWith("all well\n");
    }

    @Test
    void twoInstancesRunSideBySideAndOneStaysInTheForeground() throws Exception {
        try (var other = new Instance("beside")) {
            Path said = other.home().resolve("said");
            Process up = other.start(
                    said, "up", "--port", Integer.toString(other.port()), "--components", "api", "--foreground");
            try {
                await().atMost(Duration.ofMinutes(5))
                        .untilAsserted(() -> assertThat(said).content().contains("Ctrl-C stops it."));
                assertThat(other.quarterdeck("status").good()).contains(other.server());
                assertThat(instance.quarterdeck("status").good()).contains(instance.server());
                assertThat(other.kubectl("create configmap mine").good()).isNotBlank();
                assertThat(instance.kubectl("--kubeconfig=" + ApiAlone.kubeconfig(instance)
                                        + " get configmaps -n default -o name")
                                .good())
                        .doesNotContain("configmap/mine");
            } finally {
                up.destroy();
                up.waitFor();
            }
            assertThat(other.quarterdeck("status").status()).isEqualTo(3);
            assertThat(instance.quarterdeck("status").good()).contains("ready");
        }
    }
}
