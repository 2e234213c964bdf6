package io.quarterdeck.node.runtime.docker;

import static io.quarterdeck.node.runtime.docker.DockerEngine.call;
import static io.quarterdeck.node.runtime.docker.DockerEngine.settle;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerResponse;
import com.github.dockerjava.api.command.ExecCreateCmdResponse;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.command.LogContainerCmd;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.StreamType;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.ContainerConfig;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.ContainerStream;
import io.quarterdeck.node.runtime.ExecResult;
import io.quarterdeck.node.runtime.ImageService;
import io.quarterdeck.node.runtime.Labels;
import io.quarterdeck.node.runtime.LogOptions;
import io.quarterdeck.node.runtime.PodRef;
import io.quarterdeck.node.runtime.ProcessUser;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.RuntimeFailure.Kind;
import io.quarterdeck.node.runtime.RuntimeListener;
import io.quarterdeck.node.runtime.RuntimeVersion;
import io.quarterdeck.node.runtime.Sandbox;
import io.quarterdeck.node.runtime.SandboxConfig;
import io.quarterdeck.node.runtime.StreamOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sandboxes and containers on one Docker engine, for one agent among possibly several. Thread-safe. */
public final class DockerRuntime implements ContainerRuntime, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DockerRuntime.class);
    private static final long CAP_SYS_RESOURCE = 1L << 24;
    private static final int MAX_EXEC_OUTPUT = 16 * 1024;
    private static final StreamOptions EXEC_SYNC = new StreamOptions(false, true, true, false);

    private final DockerEngine engine;
    private final String instance;
    private final DockerImages images;
    private final OomGroup oomGroup = new OomGroup(Path.of("/sys/fs/cgroup"), Path.of("/proc"));
    private final HostConfigs hostConfigs = new HostConfigs(lowestOomScore());

    /** What has ended never changes again, so it is inspected once. */
    private final Map<String, Container> ended = new ConcurrentHashMap<>();

    private DockerRuntime(DockerEngine engine, String instance) {
        this.engine = engine;
        this.instance = instance;
        this.images = new DockerImages(engine);
    }

    /**
     * Throws {@link RuntimeFailure} when the engine does not answer.
     *
     * @param instance tells this agent's containers from another's on the same engine
     */
    public static DockerRuntime connect(URI host, String instance) {
        return new DockerRuntime(DockerEngine.connect(host), instance);
    }

    /** The engine is taken to hold the capabilities that this process holds. */
    private static int lowestOomScore() {
        try (var status = Files.lines(Path.of("/proc/self/status"))) {
            return status.filter(line -> line.startsWith("CapEff:"))
                            .map(line ->
                                    Long.parseUnsignedLong(line.substring(7).strip(), 16))
                            .anyMatch(capabilities -> (capabilities & CAP_SYS_RESOURCE) != 0)
                    ? -1000
                    : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public RuntimeVersion version() {
        Info info = call(() -> engine.client().infoCmd().exec());
        return new RuntimeVersion(
                "docker",
                Objects.requireNonNullElse(engine.version().getVersion(), "unknown"),
                Objects.requireNonNullElse(info.getOperatingSystem(), "linux"),
                Objects.requireNonNullElse(info.getArchitecture(), "unknown"),
                Objects.requireNonNullElse(info.getDockerRootDir(), "/var/lib/docker"));
    }

    @Override
    public ImageService images() {
        return images;
    }

    /** Takes away the image that sandboxes are made of; throws {@link RuntimeFailure} while one uses it. */
    public void removePauseImage() {
        images.remove(PauseImage.NAME);
    }

    @Override
    public String runPodSandbox(SandboxConfig config) {
        if (images.find(PauseImage.NAME).isEmpty()) {
            images.load(new ByteArrayInputStream(PauseImage.archive()));
        }
        Map<String, String> labels = labels(config.pod(), config.attempt());
        labels.put(Labels.KIND, "sandbox");
        String name = containerName("POD", config.pod(), config.attempt());
        var command = engine.client()
                .createContainerCmd(PauseImage.NAME)
                .withName(name)
                .withLabels(labels)
                .withHostConfig(hostConfigs.sandbox(config));
        if (!config.hostNetwork()) {
            command.withHostName(config.hostname());
        }
        String id = create(name, command::exec);
        try {
            call(() -> engine.client().startContainerCmd(id).exec());
        } catch (RuntimeFailure e) {
            removeContainer(id);
            throw e;
        }
        return id;
    }

    /** An agent that was killed between create and start leaves a container under the name: it never ran, so it goes. */
    private String create(String name, Supplier<CreateContainerResponse> command) {
        try {
            return call(command).getId();
        } catch (RuntimeFailure e) {
            if (e.kind() != Kind.CONFLICT) {
                throw e;
            }
            InspectContainerResponse other =
                    call(() -> engine.client().inspectContainerCmd(name).exec());
            Map<String, String> labels =
                    Objects.requireNonNullElse(other.getConfig().getLabels(), Map.of());
            if (!instance.equals(labels.get(Labels.INSTANCE))
                    || Boolean.TRUE.equals(other.getState().getRunning())) {
                throw e;
            }
            removeContainer(other.getId());
            return call(command).getId();
        }
    }

    private Map<String, String> labels(PodRef pod, int attempt) {
        Map<String, String> labels = new HashMap<>();
        labels.put(Labels.INSTANCE, instance);
        labels.put(Labels.POD_NAMESPACE, pod.namespace());
        labels.put(Labels.POD_NAME, pod.name());
        labels.put(Labels.POD_UID, pod.uid());
        labels.put(Labels.ATTEMPT, Integer.toString(attempt));
        return labels;
    }

    private String containerName(String name, PodRef pod, int attempt) {
        return "k8s_%s_%s_%s_%s_%d".formatted(name, pod.name(), pod.namespace(), pod.uid(), attempt);
    }

    @Override
    public void stopPodSandbox(String id) {
        settle(() -> engine.client().stopContainerCmd(id).withTimeout(2).exec());
    }

    @Override
    public void removePodSandbox(String id) {
        removeContainer(id);
    }

    @Override
    public List<Sandbox> listPodSandboxes() {
        return sandboxes(Map.of());
    }

    @Override
    public List<Sandbox> podSandboxes(String podUid) {
        return sandboxes(Map.of(Labels.POD_UID, podUid));
    }

    private List<Sandbox> sandboxes(Map<String, String> selector) {
        return list("sandbox", selector).stream()
                .map(summary -> inspect(summary.getId()))
                .flatMap(Optional::stream)
                .map(inspected -> {
                    Map<String, String> labels = labels(inspected);
                    boolean running = Boolean.TRUE.equals(inspected.getState().getRunning());
                    return new Sandbox(
                            inspected.getId(),
                            pod(labels),
                            attempt(labels),
                            running,
                            running
                                    ? Objects.requireNonNullElse(
                                            inspected.getState().getPidLong(), 0L)
                                    : 0,
                            time(inspected.getCreated()));
                })
                .sorted(Comparator.comparing(Sandbox::attempt)
                        .thenComparing(Sandbox::createdAt)
                        .reversed())
                .toList();
    }

    private List<com.github.dockerjava.api.model.Container> list(String kind, Map<String, String> selector) {
        Map<String, String> labels = new HashMap<>(selector);
        labels.put(Labels.INSTANCE, instance);
        labels.put(Labels.KIND, kind);
        return call(() -> engine.client()
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(labels)
                .exec());
    }

    private Optional<InspectContainerResponse> inspect(String id) {
        try {
            return Optional.of(
                    call(() -> engine.client().inspectContainerCmd(id).exec()));
        } catch (RuntimeFailure e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Map<String, String> labels(InspectContainerResponse inspected) {
        return Objects.requireNonNullElse(inspected.getConfig().getLabels(), Map.of());
    }

    private static PodRef pod(Map<String, String> labels) {
        return new PodRef(
                labels.getOrDefault(Labels.POD_NAMESPACE, ""),
                labels.getOrDefault(Labels.POD_NAME, ""),
                labels.getOrDefault(Labels.POD_UID, ""));
    }

    private static int attempt(Map<String, String> labels) {
        return Integer.parseInt(labels.getOrDefault(Labels.ATTEMPT, "0"));
    }

    private static Instant time(@Nullable String text) {
        // Docker writes the year 1 where nothing has happened yet.
        return text == null || text.isEmpty() || text.startsWith("0001-") ? Instant.EPOCH : Instant.parse(text);
    }

    @Override
    public String createContainer(Sandbox sandbox, ContainerConfig config) {
        Map<String, String> labels = labels(config.pod(), config.attempt());
        labels.putAll(config.labels());
        labels.put(Labels.KIND, "container");
        labels.put(Labels.CONTAINER_NAME, config.name());
        labels.put(Labels.SANDBOX_ID, sandbox.id());
        List<String> env = new ArrayList<>();
        config.env().forEach((name, value) -> env.add(name + "=" + value));
        String name = containerName(config.name(), config.pod(), config.attempt());
        var command = engine.client()
                .createContainerCmd(config.image())
                .withName(name)
                .withLabels(labels)
                .withEnv(env)
                .withTty(config.tty())
                .withStdinOpen(config.stdin())
                .withStdInOnce(config.stdin() && config.stdinOnce())
                .withHostConfig(hostConfigs.container(sandbox, config));
        if (!config.command().isEmpty()) {
            command.withEntrypoint(config.command());
        }
        if (!config.args().isEmpty()) {
            command.withCmd(config.args());
        }
        if (!config.workingDir().isEmpty()) {
            command.withWorkingDir(config.workingDir());
        }
        hostConfigs.user(config.security()).ifPresent(command::withUser);
        return create(name, command::exec);
    }

    @Override
    public void startContainer(String id) {
        call(() -> engine.client().startContainerCmd(id).exec());
        inspect(id).map(started -> started.getState().getPidLong()).ifPresent(oomGroup::set);
    }

    @Override
    public void signalContainer(String id, String signal) {
        try {
            settle(() -> engine.client().killContainerCmd(id).withSignal(signal).exec());
        } catch (RuntimeFailure e) {
            // Docker calls it a conflict when the container does not run any more.
            if (e.kind() != Kind.CONFLICT) {
                throw e;
            }
        }
    }

    @Override
    public void removeContainer(String id) {
        ended.remove(id);
        settle(() -> engine.client()
                .removeContainerCmd(id)
                .withForce(true)
                .withRemoveVolumes(true)
                .exec());
    }

    @Override
    public List<Container> listContainers() {
        return containers(Map.of());
    }

    @Override
    public List<Container> podContainers(String podUid) {
        return containers(Map.of(Labels.POD_UID, podUid));
    }

    private List<Container> containers(Map<String, String> selector) {
        return list("container", selector).stream()
                .map(summary -> container(summary.getId()))
                .flatMap(Optional::stream)
                .sorted(Comparator.comparing(Container::attempt)
                        .thenComparing(Container::createdAt)
                        .reversed())
                .toList();
    }

    @Override
    public Optional<Container> container(String id) {
        Container known = ended.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Container> found = inspect(id).map(DockerRuntime::container);
        found.filter(container -> container.state() == Container.State.EXITED)
                .ifPresent(container -> ended.put(id, container));
        return found;
    }

    private static Container container(InspectContainerResponse inspected) {
        Map<String, String> labels = labels(inspected);
        ContainerState state = inspected.getState();
        Instant created = time(inspected.getCreated());
        Instant started = time(state.getStartedAt());
        Instant finished = time(state.getFinishedAt());
        int exitCode = Objects.requireNonNullElse(state.getExitCodeLong(), 0L).intValue();
        boolean running = Boolean.TRUE.equals(state.getRunning());
        Container.State phase;
        String reason = "";
        if (running) {
            phase = Container.State.RUNNING;
            finished = Instant.EPOCH;
            exitCode = 0;
        } else if (finished.isAfter(Instant.EPOCH)) {
            phase = Container.State.EXITED;
            // A short-lived process may be noted as ended before it is noted as started.
            finished = finished.isBefore(started) ? started : finished;
            reason = Boolean.TRUE.equals(state.getOOMKilled()) ? "OOMKilled" : exitCode == 0 ? "Completed" : "Error";
        } else if (exitCode != 0) {
            phase = Container.State.EXITED;
            started = created;
            finished = created;
            reason = "ContainerCannotRun";
        } else {
            phase = Container.State.CREATED;
        }
        long pid = running ? Objects.requireNonNullElse(state.getPidLong(), 0L) : 0;
        return new Container(
                inspected.getId(),
                pod(labels),
                labels.getOrDefault(Labels.CONTAINER_NAME, ""),
                attempt(labels),
                labels.getOrDefault(Labels.SANDBOX_ID, ""),
                phase,
                created,
                started,
                finished,
                exitCode,
                reason,
                Objects.requireNonNullElse(state.getError(), ""),
                Objects.requireNonNullElse(inspected.getConfig().getImage(), ""),
                Objects.requireNonNullElse(inspected.getImageId(), ""),
                pid,
                stopSignal(inspected),
                Boolean.TRUE.equals(inspected.getConfig().getTty()),
                user(inspected, pid),
                labels);
    }

    /** As the process itself says; the engine knows only what it was asked for. */
    private static Optional<ProcessUser> user(InspectContainerResponse inspected, long pid) {
        if (pid > 0) {
            try {
                return ProcessUser.parse(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
            } catch (IOException ended) {
                // A moment ago.
            }
        }
        List<String> groups = inspected.getHostConfig().getGroupAdd();
        return ProcessUser.asked(
                Objects.requireNonNullElse(inspected.getConfig().getUser(), ""),
                Objects.requireNonNullElse(groups, List.of()));
    }

    private static String stopSignal(InspectContainerResponse inspected) {
        // The library has no accessor for it.
        Object signal = inspected.getConfig().getRawValues().get("StopSignal");
        return signal instanceof String name && !name.isEmpty() ? name : "SIGTERM";
    }

    @Override
    public ExecResult execSync(String containerId, List<String> command, Duration timeout) {
        ByteArrayOutputStream output = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                super.write(bytes, offset, Math.min(length, MAX_EXEC_OUTPUT - size()));
            }
        };
        String execId = createExec(containerId, command, EXEC_SYNC);
        ContainerStream stream = startExec(execId, EXEC_SYNC);
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        Thread copier = Thread.ofVirtual().name("exec-output").start(() -> {
            try {
                stream.copyOutput(output, output);
            } catch (IOException | RuntimeException e) {
                failure.set(e);
            }
        });
        try (stream) {
            if (!copier.join(timeout)) {
                killExec(containerId, execId);
                return new ExecResult(-1, output.toString(StandardCharsets.UTF_8), true);
            }
            Exception failed = failure.get();
            if (failed != null) {
                throw new RuntimeFailure(Kind.OTHER, DockerEngine.message(failed), failed);
            }
            return new ExecResult(stream.exitCode(), output.toString(StandardCharsets.UTF_8), false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RuntimeFailure(Kind.OTHER, "interrupted", e);
        }
    }

    @Override
    public ContainerStream exec(String containerId, List<String> command, StreamOptions options) {
        return startExec(createExec(containerId, command, options), options);
    }

    private String createExec(String containerId, List<String> command, StreamOptions options) {
        ExecCreateCmdResponse exec = call(() -> engine.client()
                .execCreateCmd(containerId)
                .withCmd(command.toArray(String[]::new))
                .withTty(options.tty())
                .withAttachStdin(options.stdin())
                .withAttachStdout(options.stdout())
                .withAttachStderr(options.stderr())
                .exec());
        return exec.getId();
    }

    /** The engine lets a command run on when its caller leaves: the process is ended by its id, if it is here to be seen. */
    private void killExec(String containerId, String execId) {
        Long pid = call(() -> engine.client().inspectExecCmd(execId).exec()).getPidLong();
        if (pid == null || pid <= 0) {
            return;
        }
        try {
            if (Files.readString(Path.of("/proc", pid.toString(), "cgroup")).contains(containerId)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        } catch (IOException endedOrElsewhere) {
            LOG.debug("Process {} of container {} is not to be seen", pid, containerId);
        }
    }

    private ContainerStream startExec(String execId, StreamOptions options) {
        DockerSocket socket =
                engine.upgrade("/exec/" + execId + "/start", "{\"Detach\":false,\"Tty\":" + options.tty() + "}");
        return new DockerStream(
                socket,
                options.tty(),
                (width, height) -> settle(() -> engine.client()
                        .resizeExecCmd(execId)
                        .withSize(height, width)
                        .exec()),
                () -> execExitCode(execId));
    }

    private int execExitCode(String execId) {
        // The output may end a moment before the engine has noted the exit.
        for (int i = 0; i < 50; i++) {
            var inspected = call(() -> engine.client().inspectExecCmd(execId).exec());
            Long code = inspected.getExitCodeLong();
            if (!Boolean.TRUE.equals(inspected.isRunning()) && code != null) {
                return code.intValue();
            }
            try {
                TimeUnit.MILLISECONDS.sleep(5L * (i + 1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        throw new RuntimeFailure(Kind.OTHER, "the command's exit code is unknown", new IOException(execId));
    }

    @Override
    public ContainerStream attach(String containerId, StreamOptions options) {
        DockerSocket socket = engine.upgrade(
                "/containers/%s/attach?stream=1&stdin=%d&stdout=%d&stderr=%d"
                        .formatted(
                                containerId,
                                options.stdin() ? 1 : 0,
                                options.stdout() ? 1 : 0,
                                options.stderr() && !options.tty() ? 1 : 0),
                "");
        return new DockerStream(
                socket,
                options.tty(),
                (width, height) -> settle(() -> engine.client()
                        .resizeContainerCmd(containerId)
                        .withSize(height, width)
                        .exec()),
                () -> 0);
    }

    @Override
    public void logs(Container container, LogOptions options, OutputStream stdout, OutputStream stderr)
            throws IOException {
        LogContainerCmd command = engine.client()
                .logContainerCmd(container.id())
                .withStdOut(true)
                .withStdErr(true)
                .withFollowStream(options.follow())
                .withTimestamps(options.timestamps());
        if (options.tailLines().isPresent()) {
            command.withTail(
                    (int) Math.min(Integer.MAX_VALUE, options.tailLines().getAsLong()));
        }
        options.since().ifPresent(since -> command.withSince((int) since.getEpochSecond()));
        LogCopy copy = new LogCopy(stdout, stderr);
        call(() -> command.exec(copy));
        copy.await();
    }

    /** Runs on the library's thread for this stream; a slow reader slows that thread only. */
    private static final class LogCopy extends ResultCallback.Adapter<Frame> {

        private final OutputStream stdout;
        private final OutputStream stderr;
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile @Nullable IOException failure;

        LogCopy(OutputStream stdout, OutputStream stderr) {
            this.stdout = stdout;
            this.stderr = stderr;
        }

        @Override
        public void onNext(Frame frame) {
            try {
                OutputStream target = frame.getStreamType() == StreamType.STDERR ? stderr : stdout;
                target.write(frame.getPayload());
                target.flush();
            } catch (IOException e) {
                failure = e;
                done.countDown();
                onComplete();
            }
        }

        @Override
        public void onError(Throwable throwable) {
            if (failure == null) {
                failure = new IOException(DockerEngine.message(throwable), throwable);
            }
            done.countDown();
            super.onError(throwable);
        }

        @Override
        public void onComplete() {
            done.countDown();
            super.onComplete();
        }

        void await() throws IOException {
            try (this) {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            IOException failed = failure;
            if (failed != null) {
                throw failed;
            }
        }
    }

    @Override
    public AutoCloseable watch(RuntimeListener listener) {
        AtomicBoolean closed = new AtomicBoolean();
        AtomicReference<@Nullable Closeable> current = new AtomicReference<>();
        Thread follower = Thread.ofVirtual().name("docker-events").start(() -> {
            while (!closed.get()) {
                CountDownLatch ended = new CountDownLatch(1);
                try {
                    current.set(call(() -> engine.client()
                            .eventsCmd()
                            .withEventTypeFilter("container")
                            .withLabelFilter(Map.of(Labels.INSTANCE, instance))
                            .exec(new EventFollower(listener, ended))));
                    listener.lost();
                    ended.await();
                } catch (InterruptedException e) {
                    return;
                } catch (RuntimeException e) {
                    LOG.warn("The container engine does not answer: {}", e.getMessage());
                }
                try {
                    TimeUnit.SECONDS.sleep(1);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        return () -> {
            closed.set(true);
            follower.interrupt();
            Closeable stream = current.get();
            if (stream != null) {
                stream.close();
            }
        };
    }

    private static final class EventFollower extends ResultCallback.Adapter<Event> {

        private final RuntimeListener listener;
        private final CountDownLatch ended;

        EventFollower(RuntimeListener listener, CountDownLatch ended) {
            this.listener = listener;
            this.ended = ended;
        }

        @Override
        public void onNext(Event event) {
            // exec_* events come with every probe and change nothing.
            if (event.getActor() == null
                    || event.getActor().getAttributes() == null
                    || String.valueOf(event.getAction()).startsWith("exec_")) {
                return;
            }
            String uid = event.getActor().getAttributes().get(Labels.POD_UID);
            if (uid != null) {
                listener.changed(uid);
            }
        }

        @Override
        public void onError(Throwable throwable) {
            ended.countDown();
            super.onError(throwable);
        }

        @Override
        public void onComplete() {
            ended.countDown();
            super.onComplete();
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
