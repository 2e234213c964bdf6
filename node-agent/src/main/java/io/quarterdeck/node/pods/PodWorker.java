package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.events.NodeEvents.Type;
import io.quarterdeck.node.host.AtomicFiles;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.network.CniNetwork;
import io.quarterdeck.node.network.PodFiles;
import io.quarterdeck.node.network.SandboxNetwork.HostPort;
import io.quarterdeck.node.pods.ActualPod.Health;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import io.quarterdeck.node.pods.ActualPod.Task;
import io.quarterdeck.node.pods.ContainerStarter.StartFailed;
import io.quarterdeck.node.pods.PodAction.StopReason;
import io.quarterdeck.node.pods.PodStatuses.Waiting;
import io.quarterdeck.node.probes.Handlers.HookFailed;
import io.quarterdeck.node.probes.Probes;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.Labels;
import io.quarterdeck.node.runtime.LogOptions;
import io.quarterdeck.node.runtime.PodRef;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.Sandbox;
import io.quarterdeck.node.runtime.SandboxConfig;
import io.quarterdeck.node.volumes.PodDirectory;
import io.quarterdeck.node.volumes.PodVolumes;
import io.quarterdeck.node.volumes.VolumeFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs what {@link PodSync} decides for one pod, one step after another on its own virtual thread; starting and
 * stopping containers goes on beside it, so that a deletion is heard meanwhile. Wakes when the pod's object, its
 * containers or its probes change.
 */
final class PodWorker {

    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);

    /** The safety net under events that were missed, and how soon a changed ConfigMap is seen. */
    private static final Duration RELIST = Duration.ofSeconds(60);

    private static final Duration LEAST_GRACE = Duration.ofSeconds(2);
    private static final Duration FIRST_BLOCK = Duration.ofSeconds(1);
    private static final Duration LONGEST_BLOCK = Duration.ofSeconds(60);
    private static final Duration STATUS_ECHO = Duration.ofSeconds(2);
    private static final int MAX_MESSAGE = 4096;
    private static final int MAX_FALLBACK_MESSAGE = 2048;
    private static final int FALLBACK_LINES = 80;

    private final String uid;
    private final PodContext context;
    private final ContainerStarter starter;
    private final Runnable ended;

    /** Guards the tasks, and is what everybody waits on. */
    private final Object monitor = new Object();

    private final Map<String, Task> tasks = new HashMap<>();
    private final Map<String, Thread> starting = new HashMap<>();
    private boolean awake = true;
    private volatile boolean closed;

    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
    private final Map<String, Instant> notBefore = new ConcurrentHashMap<>();
    private final Map<String, BackOff> backOffs = new ConcurrentHashMap<>();
    private final Map<String, String> lastWords = new ConcurrentHashMap<>();
    private final Map<String, Integer> toldOfBackOff = new HashMap<>();
    private final Set<String> redefined = ConcurrentHashMap.newKeySet();
    private final Set<String> probed = new HashSet<>();
    private volatile Pod pod;
    private volatile List<String> addresses = List.of();
    private boolean volumesReady;
    private @Nullable Instant blockedUntil;
    private Duration block = FIRST_BLOCK;
    private @Nullable Refusal refused;
    private boolean removing;
    private Instant nextRefresh;
    private @Nullable PodStatus lastSent;
    private Instant lastSentAt = Instant.EPOCH;
    private @Nullable Instant confirmedAt;

    PodWorker(String uid, Pod pod, PodContext context, Runnable ended) {
        this.uid = uid;
        this.pod = pod;
        this.context = context;
        this.starter = new ContainerStarter(context);
        this.ended = ended;
        this.nextRefresh = context.clock().instant().plus(RELIST);
    }

    /** A pod that left containers or files behind while nobody looked, known only by its labels. */
    static Pod unknown(PodRef ref) {
        return new PodBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withNamespace(ref.namespace())
                        .withName(ref.name())
                        .withUid(ref.uid())
                        .build())
                .withNewSpec()
                .endSpec()
                .build();
    }

    void run() {
        Instant next = context.clock().instant();
        while (!closed) {
            try {
                if (!sleepUntil(next)) {
                    return;
                }
                next = step();
            } catch (RuntimeFailure e) {
                LOG.warn("Pod {}: {}", PodSpecs.ref(pod), e.text());
                next = context.clock().instant().plusSeconds(2);
            } catch (StatusException e) {
                LOG.warn("Pod {}: the API says: {}", PodSpecs.ref(pod), e.text());
                next = context.clock().instant().plusSeconds(2);
            } catch (RuntimeException e) {
                LOG.error("Pod {}: a step failed", PodSpecs.ref(pod), e);
                next = context.clock().instant().plusSeconds(10);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    void wake() {
        synchronized (monitor) {
            awake = true;
            monitor.notifyAll();
        }
    }

    void close() {
        closed = true;
        wake();
    }

    private boolean sleepUntil(Instant next) throws InterruptedException {
        synchronized (monitor) {
            while (!awake && !closed) {
                long millis = Duration.between(context.clock().instant(), next).toMillis();
                if (millis <= 0) {
                    break;
                }
                monitor.wait(millis);
            }
            awake = false;
            return !closed;
        }
    }

    /** Looks, decides and acts until there is only waiting left; returns until when. */
    private Instant step() {
        Instant next = context.clock().instant().plus(RELIST);
        boolean again = true;
        while (again && !closed) {
            context.source().byUid(uid).ifPresent(current -> pod = current);
            refreshVolumes();
            ActualPod actual = look();
            Instant now = context.clock().instant();
            List<PodAction> actions = PodSync.decide(pod, actual, now);
            actions.forEach(action -> noteDelay(action));
            publish(actual, now);
            again = false;
            for (PodAction action : actions) {
                switch (perform(action, actual)) {
                    case Outcome.Again ignored -> again = true;
                    case Outcome.Later later -> next = later.at().isBefore(next) ? later.at() : next;
                    case Outcome.Nothing ignored -> {}
                }
            }
        }
        return PodVolumes.needsRefresh(pod) && nextRefresh.isBefore(next) ? nextRefresh : next;
    }

    private ActualPod look() {
        List<Sandbox> sandboxes = context.runtime().podSandboxes(uid);
        List<Container> containers = context.runtime().podContainers(uid);
        Optional<Sandbox> current = sandboxes.stream().findFirst();
        Optional<List<String>> found =
                current.flatMap(sandbox -> context.network().addresses(sandbox.id()));
        addresses = PodSpecs.hostNetwork(pod) ? context.node().get().hostIps() : found.orElse(List.of());
        Set<String> attached = context.network().attached();
        Map<String, Task> doing;
        synchronized (monitor) {
            doing = Map.copyOf(tasks);
        }
        return new ActualPod(
                sandboxes,
                found,
                sandboxes.stream().map(Sandbox::id).filter(attached::contains).collect(Collectors.toSet()),
                containers,
                health(containers, doing),
                doing,
                Map.copyOf(backOffs),
                Map.copyOf(notBefore),
                Set.copyOf(redefined),
                volumesReady,
                Optional.ofNullable(blockedUntil),
                Optional.ofNullable(refused),
                context.source().byUid(uid).isEmpty(),
                Files.isDirectory(context.volumes().directory(uid).root()),
                context.network().notReady().isEmpty());
    }

    private Map<String, Health> health(List<Container> containers, Map<String, Task> doing) {
        Map<String, Health> health = new HashMap<>();
        Set<String> running = new HashSet<>();
        for (Container container : containers) {
            Optional<io.fabric8.kubernetes.api.model.Container> spec = PodSpecs.container(pod, container.name());
            if (!container.running() || spec.isEmpty()) {
                continue;
            }
            running.add(container.id());
            if (doing.get(container.name()) instanceof Task.Starting) {
                // The post-start hook has its say first.
                continue;
            }
            probed.add(container.id());
            context.probes()
                    .watch(
                            () -> pod,
                            spec.get(),
                            container.id(),
                            container.startedAt(),
                            () -> addresses.isEmpty() ? "" : addresses.getFirst(),
                            wasReady(container),
                            this::wake);
            Probes.State state = context.probes().state(container.id()).orElseThrow();
            health.put(container.id(), new Health(state.started(), state.ready(), state.failed()));
        }
        probed.removeIf(id -> {
            if (!running.contains(id)) {
                context.probes().forget(id);
                return true;
            }
            return false;
        });
        return health;
    }

    private boolean wasReady(Container container) {
        if (pod.getStatus() == null) {
            return false;
        }
        return java.util.stream.Stream.of(
                        pod.getStatus().getContainerStatuses(), pod.getStatus().getInitContainerStatuses())
                .filter(Objects::nonNull)
                .flatMap(List<ContainerStatus>::stream)
                .anyMatch(status -> ("docker://" + container.id()).equals(status.getContainerID())
                        && Boolean.TRUE.equals(status.getReady()));
    }

    // ---- status ----

    private void noteDelay(PodAction action) {
        if (!(action instanceof PodAction.DelayContainer(var spec, Instant until))) {
            return;
        }
        String name = spec.getName();
        BackOff backOff = Objects.requireNonNull(backOffs.get(name));
        waiting.put(
                name,
                new Waiting(
                        "CrashLoopBackOff",
                        "back-off %s restarting failed container=%s pod=%s"
                                .formatted(words(backOff.delay()), name, PodSpecs.ref(pod))));
        if (!Objects.equals(toldOfBackOff.put(name, until.hashCode()), until.hashCode())) {
            context.events()
                    .pod(
                            pod,
                            name,
                            Type.WARNING,
                            "BackOff",
                            "Back-off restarting failed container %s in pod %s".formatted(name, PodSpecs.ref(pod)));
        }
    }

    /** As upstream prints durations: {@code 40s}, {@code 1m20s}, {@code 5m0s}. */
    private static String words(Duration duration) {
        return duration.toMinutes() > 0
                ? duration.toMinutes() + "m" + duration.toSecondsPart() + "s"
                : duration.toSeconds() + "s";
    }

    private void publish(ActualPod actual, Instant now) {
        if (actual.gone() || removing || PodSpecs.ended(pod)) {
            return;
        }
        PodStatus status = PodStatuses.of(
                pod,
                actual,
                Map.copyOf(waiting),
                this::terminationMessage,
                context.node().get().hostIps(),
                now);
        // What was sent a moment ago may not have come back yet.
        if (status.equals(lastSent) && now.isBefore(lastSentAt.plus(STATUS_ECHO))) {
            return;
        }
        context.writer().updateStatus(pod, status);
        lastSent = status;
        lastSentAt = now;
    }

    private String terminationMessage(Container container) {
        return lastWords.computeIfAbsent(container.id(), id -> {
            PodDirectory directory = context.volumes().directory(uid);
            String written = "";
            try {
                Path file = directory.terminationLog(container.name(), container.attempt());
                if (Files.exists(file)) {
                    try (var in = Files.newInputStream(file)) {
                        written = new String(in.readNBytes(MAX_MESSAGE), StandardCharsets.UTF_8);
                    }
                }
            } catch (IOException e) {
                written = "Error on reading termination log: " + e.getMessage();
            }
            boolean fallback =
                    "FallbackToLogsOnError".equals(container.labels().get(Labels.TERMINATION_MESSAGE_POLICY));
            if (written.isEmpty() && fallback && container.exitCode() != 0) {
                written = tailOfLog(container);
            }
            return written.isEmpty() ? container.message() : written;
        });
    }

    private String tailOfLog(Container container) {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try {
            context.runtime().logs(container, LogOptions.tail(FALLBACK_LINES), log, log);
        } catch (IOException | RuntimeFailure e) {
            return "Error on reading termination message from logs: " + e.getMessage();
        }
        byte[] bytes = log.toByteArray();
        int from = Math.max(0, bytes.length - MAX_FALLBACK_MESSAGE);
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }

    // ---- actions ----

    private sealed interface Outcome {
        record Again() implements Outcome {}

        record Later(Instant at) implements Outcome {}

        record Nothing() implements Outcome {}
    }

    private static final Outcome AGAIN = new Outcome.Again();
    private static final Outcome NOTHING = new Outcome.Nothing();

    private Outcome perform(PodAction action, ActualPod actual) {
        return switch (action) {
            case PodAction.LookAgain(Instant at) -> new Outcome.Later(at);
            case PodAction.DelayContainer(var spec, Instant until) -> new Outcome.Later(until);
            case PodAction.SetUpVolumes() -> attempt("FailedMount", this::setUpVolumes);
            case PodAction.RunSandbox(int attempt) ->
                attempt("FailedCreatePodSandBox", () -> context.runtime().runPodSandbox(sandboxConfig(attempt)));
            case PodAction.AttachNetwork(Sandbox sandbox) ->
                attempt("FailedCreatePodSandBox", () -> attachNetwork(sandbox));
            case PodAction.StartContainer(var spec, int attempt, Sandbox sandbox) -> {
                beginStart(spec, attempt, sandbox, actual);
                yield NOTHING;
            }
            case PodAction.StopContainer(Container container, Duration grace, StopReason reason) -> {
                beginStop(container, grace, reason);
                yield NOTHING;
            }
            case PodAction.HurryContainer(String name, Duration grace) -> {
                hurry(name, grace);
                yield NOTHING;
            }
            case PodAction.CancelStart(String name) -> {
                cancelStart(name);
                yield NOTHING;
            }
            case PodAction.RemoveContainer(String id) -> {
                removing |= actual.gone() || pod.getMetadata().getDeletionTimestamp() != null;
                context.runtime().removeContainer(id);
                lastWords.remove(id);
                yield AGAIN;
            }
            case PodAction.StopSandbox(String id) -> {
                context.network().detach(id);
                context.runtime().stopPodSandbox(id);
                yield AGAIN;
            }
            case PodAction.RemoveSandbox(String id) -> {
                context.runtime().removePodSandbox(id);
                yield AGAIN;
            }
            case PodAction.TearDown() -> {
                context.volumes().tearDown(uid);
                volumesReady = false;
                yield AGAIN;
            }
            case PodAction.ConfirmDeletion() -> {
                Instant now = context.clock().instant();
                if (confirmedAt == null || now.isAfter(confirmedAt.plusSeconds(5))) {
                    context.writer().confirmDeletion(pod);
                    confirmedAt = now;
                }
                yield new Outcome.Later(now.plusSeconds(5));
            }
            case PodAction.Forget() -> {
                closed = true;
                context.images().forget(uid);
                ended.run();
                yield NOTHING;
            }
            case PodAction.Refuse(Refusal refusal) -> {
                refused = refusal;
                context.events().pod(pod, "", Type.WARNING, refusal.reason(), refusal.message());
                yield AGAIN;
            }
        };
    }

    /** A step that may fail for a while: people are told, and it is tried again later and later. */
    private Outcome attempt(String reason, Runnable step) {
        String message;
        try {
            step.run();
            blockedUntil = null;
            block = FIRST_BLOCK;
            return AGAIN;
        } catch (VolumeFailure e) {
            message = e.text();
        } catch (RuntimeFailure | HostCommands.Failed | CniNetwork.PluginFailed | UncheckedIOException e) {
            message = "Failed to create pod sandbox: " + e.getMessage();
        }
        context.events().pod(pod, "", Type.WARNING, reason, message);
        Instant until = context.clock().instant().plus(block);
        blockedUntil = until;
        block = block.multipliedBy(2).compareTo(LONGEST_BLOCK) > 0 ? LONGEST_BLOCK : block.multipliedBy(2);
        return new Outcome.Later(until);
    }

    private void setUpVolumes() {
        context.volumes().setUp(pod);
        PodDirectory directory = context.volumes().directory(uid);
        AtomicFiles.write(directory.resolvConf(), context.files().resolvConf(pod, nodeFile("/etc/resolv.conf")));
        writeHosts();
        volumesReady = true;
    }

    private void writeHosts() {
        Path hosts = context.volumes().directory(uid).hosts();
        String text = context.files().hosts(pod, addresses, nodeFile("/etc/hosts"));
        // Mounted as a file: replacing it would leave running containers with the old one.
        if (!AtomicFiles.read(hosts).equals(Optional.of(text))) {
            try {
                Files.createDirectories(hosts.getParent());
                Files.writeString(hosts, text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String nodeFile(String path) {
        return AtomicFiles.read(Path.of(path)).orElse("");
    }

    private void refreshVolumes() {
        Instant now = context.clock().instant();
        if (!volumesReady || !PodVolumes.needsRefresh(pod) || now.isBefore(nextRefresh)) {
            return;
        }
        nextRefresh = now.plus(RELIST);
        try {
            context.volumes().setUp(pod);
        } catch (VolumeFailure e) {
            context.events().pod(pod, "", Type.WARNING, "FailedMount", e.text());
        }
    }

    private SandboxConfig sandboxConfig(int attempt) {
        Map<String, String> sysctls = new HashMap<>();
        var security = pod.getSpec().getSecurityContext();
        if (security != null && security.getSysctls() != null) {
            security.getSysctls().forEach(sysctl -> sysctls.put(sysctl.getName(), sysctl.getValue()));
        }
        return new SandboxConfig(
                PodSpecs.ref(pod),
                attempt,
                PodFiles.hostname(pod),
                PodSpecs.hostNetwork(pod),
                Boolean.TRUE.equals(pod.getSpec().getHostPID()),
                Boolean.TRUE.equals(pod.getSpec().getHostIPC()),
                sysctls);
    }

    private void attachNetwork(Sandbox sandbox) {
        List<HostPort> ports = new ArrayList<>();
        PodSpecs.allContainers(pod)
                .forEach(container -> Objects.requireNonNullElse(container.getPorts(), List.<ContainerPort>of())
                        .forEach(port -> {
                            if (port.getHostPort() != null && port.getHostPort() > 0) {
                                ports.add(new HostPort(
                                        port.getHostPort(),
                                        port.getContainerPort(),
                                        Objects.requireNonNullElse(port.getProtocol(), "TCP"),
                                        Objects.requireNonNullElse(port.getHostIP(), "")));
                            }
                        }));
        try {
            addresses = context.network().attach(sandbox, ports);
        } catch (CniNetwork.PluginFailed e) {
            // Half of a network is taken back, or the next try meets its own remains.
            context.network().detach(sandbox.id());
            throw e;
        }
        writeHosts();
    }

    // ---- containers ----

    private void beginStart(
            io.fabric8.kubernetes.api.model.Container spec, int attempt, Sandbox sandbox, ActualPod actual) {
        String name = spec.getName();
        Pod current = pod;
        List<String> podIps = addresses;
        Thread thread = Thread.ofVirtual().name("start " + name).unstarted(() -> {
            try {
                String id = starter.start(current, spec, attempt, sandbox, podIps);
                waiting.remove(name);
                notBefore.remove(name);
                countRestart(name, actual);
                try {
                    starter.postStart(current, spec, id, podIps.isEmpty() ? "" : podIps.getFirst());
                } catch (HookFailed | RuntimeFailure e) {
                    context.runtime()
                            .container(id)
                            .ifPresent(container -> afterStart(
                                    name,
                                    () -> beginStop(container, PodSpecs.grace(current), StopReason.PROBE_FAILED)));
                }
            } catch (StartFailed e) {
                waiting.put(name, e.waiting());
                notBefore.put(name, e.retryAt());
                countRestart(name, actual);
            } catch (RuntimeFailure e) {
                waiting.put(name, new Waiting("CreateContainerError", e.text()));
                notBefore.put(name, context.clock().instant().plusSeconds(10));
            } catch (InterruptedException cancelled) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.error("Pod {}: container {} could not be started", PodSpecs.ref(current), name, e);
                notBefore.put(name, context.clock().instant().plusSeconds(10));
            } finally {
                afterStart(name, () -> {});
            }
        });
        synchronized (monitor) {
            tasks.put(name, new Task.Starting());
            starting.put(name, thread);
        }
        thread.start();
    }

    private void countRestart(String name, ActualPod actual) {
        actual.newest(name)
                .filter(last -> last.state() == Container.State.EXITED)
                .ifPresent(last -> backOffs.compute(
                        name,
                        (key, before) ->
                                before == null ? BackOff.after(last.finishedAt()) : before.next(last.finishedAt())));
    }

    private void afterStart(String name, Runnable then) {
        synchronized (monitor) {
            if (starting.get(name) == Thread.currentThread()) {
                starting.remove(name);
                tasks.remove(name);
                then.run();
            }
        }
        wake();
    }

    private void cancelStart(String name) {
        synchronized (monitor) {
            Thread thread = starting.get(name);
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    private void beginStop(Container container, Duration grace, StopReason reason) {
        Instant deadline = context.clock().instant().plus(grace);
        synchronized (monitor) {
            Thread start = starting.remove(container.name());
            if (start != null && start != Thread.currentThread()) {
                start.interrupt();
            }
            tasks.put(container.name(), new Task.Stopping(deadline));
        }
        if (reason == StopReason.REDEFINED) {
            redefined.add(container.id());
        }
        context.events().pod(pod, container.name(), Type.NORMAL, "Killing", killing(container, reason));
        Thread.ofVirtual().name("stop " + container.name()).start(() -> {
            try {
                stop(container, grace, reason);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeFailure e) {
                LOG.warn("Pod {}: container {} was not stopped: {}", PodSpecs.ref(pod), container.name(), e.text());
            } finally {
                synchronized (monitor) {
                    tasks.remove(container.name());
                }
                wake();
            }
        });
    }

    private String killing(Container container, StopReason reason) {
        return switch (reason) {
            case POD_ENDS, SANDBOX_LOST -> "Stopping container " + container.name();
            case REDEFINED -> "Container %s definition changed, will be restarted".formatted(container.name());
            case PROBE_FAILED ->
                context.probes()
                        .state(container.id())
                        .flatMap(Probes.State::failed)
                        .map(probe ->
                                "Container %s failed %s probe, will be restarted".formatted(container.name(), probe))
                        .orElse("FailedPostStartHook");
        };
    }

    private void stop(Container container, Duration grace, StopReason reason) throws InterruptedException {
        Optional<io.fabric8.kubernetes.api.model.Container> spec = PodSpecs.container(pod, container.name());
        boolean hook = spec.isPresent()
                && spec.get().getLifecycle() != null
                && spec.get().getLifecycle().getPreStop() != null
                && reason != StopReason.SANDBOX_LOST
                && grace.isPositive();
        if (hook) {
            Thread preStop = Thread.ofVirtual().name("pre-stop").start(() -> {
                starter.preStop(
                        pod, spec.get(), container.id(), addresses.isEmpty() ? "" : addresses.getFirst(), grace);
                wake();
            });
            awaitUntilDeadline(container, () -> !preStop.isAlive());
            preStop.interrupt();
            // However long the hook took, the process gets a moment of its own.
            synchronized (monitor) {
                Instant least = context.clock().instant().plus(LEAST_GRACE);
                if (deadline(container).isBefore(least)) {
                    tasks.put(container.name(), new Task.Stopping(least));
                }
            }
        }
        if (grace.isPositive()) {
            context.runtime().signalContainer(container.id(), container.stopSignal());
            awaitUntilDeadline(container, () -> !runs(container));
        }
        if (runs(container)) {
            context.runtime().signalContainer(container.id(), "SIGKILL");
            while (!closed && runs(container)) {
                synchronized (monitor) {
                    monitor.wait(200);
                }
            }
        }
    }

    private boolean runs(Container container) {
        return context.runtime()
                .container(container.id())
                .filter(Container::running)
                .isPresent();
    }

    private Instant deadline(Container container) {
        return tasks.get(container.name()) instanceof Task.Stopping(Instant deadline)
                ? deadline
                : context.clock().instant();
    }

    /** Looks again whenever the worker is woken, which the runtime's events do. */
    private void awaitUntilDeadline(Container container, java.util.function.BooleanSupplier done)
            throws InterruptedException {
        while (!closed && !done.getAsBoolean()) {
            synchronized (monitor) {
                long millis = Duration.between(context.clock().instant(), deadline(container))
                        .toMillis();
                if (millis <= 0) {
                    return;
                }
                monitor.wait(Math.min(millis, 500));
            }
        }
    }

    private void hurry(String name, Duration grace) {
        synchronized (monitor) {
            tasks.computeIfPresent(
                    name,
                    (key, task) -> task instanceof Task.Stopping
                            ? new Task.Stopping(context.clock().instant().plus(grace))
                            : task);
            monitor.notifyAll();
        }
    }
}
