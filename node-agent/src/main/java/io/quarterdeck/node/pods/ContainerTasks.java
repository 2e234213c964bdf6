package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.node.events.NodeEvents.Type;
import io.quarterdeck.node.pods.ActualPod.Task;
import io.quarterdeck.node.pods.ContainerStarter.StartFailed;
import io.quarterdeck.node.pods.PodAction.StopReason;
import io.quarterdeck.node.pods.PodStatuses.Waiting;
import io.quarterdeck.node.probes.Handlers.HookFailed;
import io.quarterdeck.node.probes.Probes;
import io.quarterdeck.node.runtime.Container.State;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.Sandbox;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers of one pod that are being started or stopped, each on a virtual thread beside the pod's worker, so that a
 * deletion is heard meanwhile; and what is remembered of those that would not start or keep ending. Thread-safe.
 */
final class ContainerTasks {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerTasks.class);
    private static final Duration RETRY = Duration.ofSeconds(10);

    /** However long a pre-stop hook took. */
    private static final Duration LEAST_GRACE = Duration.ofSeconds(2);

    private static final long LOOK_MILLIS = 500;

    private final PodContext context;
    private final ContainerStarter starter;
    private final Supplier<Pod> pod;
    private final PodSetup setup;
    private final Runnable wake;

    /** Guards the tasks, and is what stops wait on. */
    private final Object monitor = new Object();

    private final Map<String, Task> tasks = new HashMap<>();
    private final Map<String, Thread> starting = new HashMap<>();
    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
    private final Map<String, Instant> notBefore = new ConcurrentHashMap<>();
    private final Map<String, BackOff> backOffs = new ConcurrentHashMap<>();
    private final Map<String, Instant> toldOfBackOff = new ConcurrentHashMap<>();
    private final Set<String> redefined = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param wake the worker, after each end of a task */
    ContainerTasks(PodContext context, Supplier<Pod> pod, PodSetup setup, Runnable wake) {
        this.context = context;
        this.starter = new ContainerStarter(context);
        this.pod = pod;
        this.setup = setup;
        this.wake = wake;
    }

    // ---- what is known ----

    Map<String, Task> tasks() {
        synchronized (monitor) {
            return Map.copyOf(tasks);
        }
    }

    Map<String, Waiting> waiting() {
        return Map.copyOf(waiting);
    }

    Map<String, Instant> notBefore() {
        return Map.copyOf(notBefore);
    }

    Map<String, BackOff> backOffs() {
        return Map.copyOf(backOffs);
    }

    Set<String> redefined() {
        return Set.copyOf(redefined);
    }

    /** Something may have ended: whoever waits for it looks again. */
    void lookAgain() {
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }

    /** Stops that go on are left alone: containers outlive the agent. */
    void close() {
        closed = true;
        lookAgain();
    }

    // ---- starting ----

    /** @param last what ran under the name before */
    void start(Container spec, int attempt, Sandbox sandbox, Optional<io.quarterdeck.node.runtime.Container> last) {
        String name = spec.getName();
        Pod current = pod.get();
        Thread thread = Thread.ofVirtual()
                .name("start " + name)
                .unstarted(() -> startNow(current, spec, attempt, sandbox, last));
        synchronized (monitor) {
            tasks.put(name, new Task.Starting());
            starting.put(name, thread);
        }
        thread.start();
    }

    private void startNow(
            Pod current,
            Container spec,
            int attempt,
            Sandbox sandbox,
            Optional<io.quarterdeck.node.runtime.Container> last) {
        String name = spec.getName();
        try {
            String id = starter.start(current, spec, attempt, sandbox, setup.addresses());
            waiting.remove(name);
            notBefore.remove(name);
            countRestart(name, last);
            try {
                starter.postStart(current, spec, id, setup.address());
            } catch (HookFailed | RuntimeFailure e) {
                context.runtime()
                        .container(id)
                        .ifPresent(container ->
                                ended(name, () -> stop(container, PodSpecs.grace(current), StopReason.PROBE_FAILED)));
            }
        } catch (StartFailed e) {
            waiting.put(name, e.waiting());
            notBefore.put(name, e.retryAt());
            countRestart(name, last);
        } catch (RuntimeFailure e) {
            waiting.put(name, new Waiting("CreateContainerError", e.text()));
            notBefore.put(name, context.clock().instant().plus(RETRY));
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("Pod {}: container {} could not be started", PodSpecs.ref(current), name, e);
            notBefore.put(name, context.clock().instant().plus(RETRY));
        } finally {
            ended(name, () -> {});
        }
    }

    private void countRestart(String name, Optional<io.quarterdeck.node.runtime.Container> last) {
        last.filter(before -> before.state() == State.EXITED)
                .ifPresent(before -> backOffs.compute(
                        name,
                        (key, known) ->
                                known == null ? BackOff.after(before.finishedAt()) : known.next(before.finishedAt())));
    }

    private void ended(String name, Runnable then) {
        synchronized (monitor) {
            if (starting.get(name) == Thread.currentThread()) {
                starting.remove(name);
                tasks.remove(name);
                then.run();
            }
        }
        wake.run();
    }

    /** A start that has not got as far as a running container. */
    void cancelStart(String name) {
        synchronized (monitor) {
            Thread thread = starting.get(name);
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /** A restart has to wait: says so in the container's state, and once for each delay in an event. */
    void delayed(String name, Instant until) {
        BackOff backOff = Objects.requireNonNull(backOffs.get(name));
        waiting.put(
                name,
                new Waiting(
                        "CrashLoopBackOff",
                        "back-off %s restarting failed container=%s pod=%s"
                                .formatted(backOff.words(), name, PodSpecs.ref(pod.get()))));
        if (!until.equals(toldOfBackOff.put(name, until))) {
            context.events()
                    .pod(
                            pod.get(),
                            name,
                            Type.WARNING,
                            "BackOff",
                            "Back-off restarting failed container %s in pod %s"
                                    .formatted(name, PodSpecs.ref(pod.get())));
        }
    }

    // ---- stopping ----

    void stop(io.quarterdeck.node.runtime.Container container, Duration grace, StopReason reason) {
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
        context.events().pod(pod.get(), container.name(), Type.NORMAL, "Killing", killing(container, reason));
        Thread.ofVirtual().name("stop " + container.name()).start(() -> {
            try {
                stopNow(container, grace, reason);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeFailure e) {
                LOG.warn(
                        "Pod {}: container {} was not stopped: {}",
                        PodSpecs.ref(pod.get()),
                        container.name(),
                        e.text());
            } finally {
                synchronized (monitor) {
                    tasks.remove(container.name());
                }
                wake.run();
            }
        });
    }

    private String killing(io.quarterdeck.node.runtime.Container container, StopReason reason) {
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

    private void stopNow(io.quarterdeck.node.runtime.Container container, Duration grace, StopReason reason)
            throws InterruptedException {
        if (reason != StopReason.SANDBOX_LOST && grace.isPositive()) {
            Optional<Container> spec = PodSpecs.container(pod.get(), container.name())
                    .filter(candidate -> candidate.getLifecycle() != null
                            && candidate.getLifecycle().getPreStop() != null);
            if (spec.isPresent()) {
                preStop(container, spec.get(), grace);
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
                    monitor.wait(LOOK_MILLIS);
                }
            }
        }
    }

    private void preStop(io.quarterdeck.node.runtime.Container container, Container spec, Duration grace)
            throws InterruptedException {
        Thread hook = Thread.ofVirtual().name("pre-stop").start(() -> {
            starter.preStop(pod.get(), spec, container.id(), setup.address(), grace);
            lookAgain();
        });
        // A process that ends by itself meanwhile needs no hook any more.
        awaitUntilDeadline(container, () -> !hook.isAlive() || !runs(container));
        hook.interrupt();
        synchronized (monitor) {
            Instant least = context.clock().instant().plus(LEAST_GRACE);
            if (deadline(container).isBefore(least)) {
                tasks.put(container.name(), new Task.Stopping(least));
            }
        }
    }

    private boolean runs(io.quarterdeck.node.runtime.Container container) {
        return context.runtime()
                .container(container.id())
                .filter(io.quarterdeck.node.runtime.Container::running)
                .isPresent();
    }

    private Instant deadline(io.quarterdeck.node.runtime.Container container) {
        synchronized (monitor) {
            return tasks.get(container.name()) instanceof Task.Stopping(Instant deadline)
                    ? deadline
                    : context.clock().instant();
        }
    }

    /** Looks again whenever the runtime tells of a change. */
    private void awaitUntilDeadline(io.quarterdeck.node.runtime.Container container, BooleanSupplier done)
            throws InterruptedException {
        while (!closed && !done.getAsBoolean()) {
            synchronized (monitor) {
                long millis = Duration.between(context.clock().instant(), deadline(container))
                        .toMillis();
                if (millis <= 0) {
                    return;
                }
                monitor.wait(Math.min(millis, LOOK_MILLIS));
            }
        }
    }

    /** A stop that goes on already has less time now. */
    void hurry(String name, Duration grace) {
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
