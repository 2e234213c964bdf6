package io.quarterdeck.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.node.runtime.ContainerConfig.Namespaces;
import io.quarterdeck.node.runtime.ContainerConfig.Resources;
import io.quarterdeck.node.runtime.ContainerConfig.Seccomp;
import io.quarterdeck.node.runtime.ContainerConfig.Security;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every container runtime must do, run against each. */
public abstract class ContainerRuntimeContract {

    private static final Security NO_SECURITY = new Security(
            OptionalLong.empty(),
            OptionalLong.empty(),
            List.of(),
            false,
            false,
            false,
            List.of(),
            List.of(),
            new Seccomp.Unconfined(),
            Optional.empty(),
            Optional.empty());

    private final PodRef pod =
            new PodRef("default", "contract", UUID.randomUUID().toString());
    private ContainerRuntime runtime;

    protected abstract ContainerRuntime runtime(String instance);

    @BeforeEach
    void start() {
        runtime = runtime("contract");
        TestImage.load(runtime.images());
    }

    @AfterEach
    void clean() {
        runtime.podContainers(pod.uid()).forEach(container -> runtime.removeContainer(container.id()));
        runtime.podSandboxes(pod.uid()).forEach(sandbox -> runtime.removePodSandbox(sandbox.id()));
    }

    private Sandbox sandbox() {
        runtime.runPodSandbox(new SandboxConfig(pod, 0, "contract-host", false, false, false, false, Map.of()));
        return runtime.podSandboxes(pod.uid()).getFirst();
    }

    private ContainerConfig config(String name, int attempt, boolean stdin, boolean tty, String... command) {
        return new ContainerConfig(
                pod,
                name,
                attempt,
                TestImage.NAME,
                List.of(command),
                List.of(),
                Map.of("GREETING", "hello"),
                "/tmp",
                List.of(),
                tty,
                stdin,
                stdin,
                new Namespaces(new Namespaces.Pid.Own()),
                new Resources(102, 0, 0, 64 << 20, 500),
                NO_SECURITY,
                Map.of("extra", "label"));
    }

    private String run(String name, int attempt, boolean stdin, boolean tty, String... command) {
        String id = runtime.createContainer(
                runtime.podSandboxes(pod.uid()).getFirst(), config(name, attempt, stdin, tty, command));
        runtime.startContainer(id);
        return id;
    }

    private Container awaitExit(String id) {
        await().until(() -> runtime.container(id).orElseThrow().state() == Container.State.EXITED);
        return runtime.container(id).orElseThrow();
    }

    @Test
    void aSandboxIsReadyUntilItIsStopped() {
        Sandbox sandbox = sandbox();
        assertThat(sandbox.ready()).isTrue();
        assertThat(sandbox.pid()).isPositive();
        assertThat(sandbox.pod()).isEqualTo(pod);

        runtime.stopPodSandbox(sandbox.id());
        assertThat(runtime.podSandboxes(pod.uid()).getFirst().ready()).isFalse();
        runtime.stopPodSandbox(sandbox.id());

        runtime.removePodSandbox(sandbox.id());
        assertThat(runtime.podSandboxes(pod.uid())).isEmpty();
        runtime.removePodSandbox(sandbox.id());
    }

    @Test
    void anotherAgentSeesNothing() {
        sandbox();
        assertThat(runtime("another").podSandboxes(pod.uid())).isEmpty();
    }

    @Test
    void aContainerTellsHowItEnded() throws Exception {
        sandbox();
        String id = run("main", 3, false, false, "sh", "-c", "echo $GREETING from $(hostname); echo oops >&2; exit 7");
        Container ended = awaitExit(id);
        assertThat(ended.exitCode()).isEqualTo(7);
        assertThat(ended.reason()).isEqualTo("Error");
        assertThat(ended.attempt()).isEqualTo(3);
        assertThat(ended.labels()).containsEntry("extra", "label");
        assertThat(ended.finishedAt()).isAfterOrEqualTo(ended.startedAt());

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        runtime.logs(ended, LogOptions.ALL, out, err);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("hello from contract-host\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("oops\n");
    }

    @Test
    void aCommandThatDoesNotExistCannotRun() {
        sandbox();
        String id = runtime.createContainer(
                runtime.podSandboxes(pod.uid()).getFirst(), config("main", 0, false, false, "/no/such/program"));
        assertThatThrownBy(() -> runtime.startContainer(id)).isInstanceOf(RuntimeFailure.class);
        assertThat(runtime.container(id).orElseThrow().reason()).isEqualTo("ContainerCannotRun");
    }

    @Test
    void theNewestAttemptComesFirst() {
        sandbox();
        awaitExit(run("main", 0, false, false, "true"));
        run("main", 1, false, false, "sleep", "60");
        assertThat(runtime.podContainers(pod.uid()))
                .extracting(Container::attempt)
                .containsExactly(1, 0);
    }

    @Test
    void aSignalEndsAContainerAndLaterOnesAreNoError() {
        sandbox();
        String id = run("main", 0, false, false, "sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.05; done");
        runtime.signalContainer(id, "SIGTERM");
        assertThat(awaitExit(id).exitCode()).isZero();
        runtime.signalContainer(id, "SIGKILL");
    }

    @Test
    void execReturnsOutputAndExitCode() {
        sandbox();
        String id = run("main", 0, false, false, "sleep", "60");
        ExecResult result =
                runtime.execSync(id, List.of("sh", "-c", "echo one; echo two >&2; exit 3"), Duration.ofSeconds(10));
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.output().lines()).containsExactlyInAnyOrder("one", "two");
        assertThat(runtime.execSync(id, List.of("sleep", "30"), Duration.ofMillis(200))
                        .timedOut())
                .isTrue();
    }

    @Test
    void execSeesTheEndOfItsInput() throws Exception {
        sandbox();
        String id = run("main", 0, false, false, "sleep", "60");
        try (ContainerStream stream =
                runtime.exec(id, List.of("wc", "-c"), new StreamOptions(true, true, true, false))) {
            stream.stdin().write("12345".getBytes(StandardCharsets.UTF_8));
            stream.endStdin();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            stream.copyOutput(out, OutputStream.nullOutputStream());
            assertThat(out.toString(StandardCharsets.UTF_8).strip()).isEqualTo("5");
            assertThat(stream.exitCode()).isZero();
        }
    }

    @Test
    void execHasATerminal() throws Exception {
        sandbox();
        String id = run("main", 0, false, false, "sleep", "60");
        try (ContainerStream stream = runtime.exec(
                id, List.of("sh", "-c", "read x; stty size"), new StreamOptions(true, true, false, true))) {
            stream.resize(123, 45);
            stream.stdin().write('\n');
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            stream.copyOutput(out, OutputStream.nullOutputStream());
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("45 123");
        }
    }

    @Test
    void attachReachesTheContainersOwnStreams() throws Exception {
        sandbox();
        String id = run("main", 0, true, false, "cat");
        try (ContainerStream stream = runtime.attach(id, new StreamOptions(true, true, true, false))) {
            stream.stdin().write("ping\n".getBytes(StandardCharsets.UTF_8));
            stream.endStdin();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            stream.copyOutput(out, OutputStream.nullOutputStream());
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("ping\n");
        }
        assertThat(awaitExit(id).exitCode()).isZero();
    }

    @Test
    void logsAreFollowedToTheEnd() throws Exception {
        sandbox();
        String id = run("main", 0, false, false, "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        runtime.logs(
                runtime.container(id).orElseThrow(),
                new LogOptions(true, true, OptionalLong.empty(), Optional.empty()),
                out,
                out);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .hasSize(3)
                .allMatch(line -> line.matches("\\d{4}-.*Z [123]"));
        ByteArrayOutputStream last = new ByteArrayOutputStream();
        runtime.logs(runtime.container(id).orElseThrow(), LogOptions.tail(1), last, last);
        assertThat(last.toString(StandardCharsets.UTF_8)).isEqualTo("3\n");
    }

    @Test
    void changesAreHeard() throws Exception {
        Set<String> heard = ConcurrentHashMap.newKeySet();
        try (AutoCloseable watch = runtime.watch(new RuntimeListener() {
            @Override
            public void changed(String podUid) {
                heard.add(podUid);
            }

            @Override
            public void lost() {
                heard.add("lost");
            }
        })) {
            await().until(() -> heard.contains("lost"));
            sandbox();
            await().until(() -> heard.contains(pod.uid()));
        }
    }
}
