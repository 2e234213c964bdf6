package io.quarterdeck.node.probes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.quarterdeck.node.events.NodeEvents;
import io.quarterdeck.node.events.NodeEvents.Type;
import io.quarterdeck.node.probes.Answer.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The probes of running containers, one virtual thread for each. Thread-safe. Source: "Configure liveness, readiness and
 * startup probes".
 */
public final class Probes implements AutoCloseable {

    private final Handlers handlers;
    private final NodeEvents events;
    private final InstantSource clock;
    private final Map<String, Watched> watched = new ConcurrentHashMap<>();

    public Probes(Handlers handlers, NodeEvents events, InstantSource clock) {
        this.handlers = handlers;
        this.events = events;
        this.clock = clock;
    }

    /** What is known of one container. {@code failed} is {@code liveness} or {@code startup}. */
    public record State(boolean started, boolean ready, Optional<String> failed) {}

    /** What a container's status said before this agent looked. */
    public record Known(boolean started, boolean ready) {}

    private static final class Watched {
        volatile boolean started;
        volatile boolean ready;
        volatile @Nullable String failed;
        volatile boolean closed;
        final List<Thread> threads = new CopyOnWriteArrayList<>();
    }

    /**
     * Begins to ask a running container; does nothing when that goes on already.
     *
     * @param pod as it is at the time of each question
     * @param known what the last agent had found, so that adopting a pod does not make it unready
     * @param changed called after each change of the state
     */
    public void watch(
            Supplier<Pod> pod,
            Container spec,
            String containerId,
            Instant startedAt,
            Supplier<String> podIp,
            Known known,
            Runnable changed) {
        watched.computeIfAbsent(containerId, id -> {
            Watched state = new Watched();
            state.started = spec.getStartupProbe() == null || known.started();
            state.ready = state.started && (spec.getReadinessProbe() == null || known.ready());
            Target target = new Target(pod, spec, id, startedAt, podIp, changed, state);
            start(target, "startup", spec.getStartupProbe());
            start(target, "liveness", spec.getLivenessProbe());
            start(target, "readiness", spec.getReadinessProbe());
            return state;
        });
    }

    private record Target(
            Supplier<Pod> pod,
            Container spec,
            String containerId,
            Instant startedAt,
            Supplier<String> podIp,
            Runnable changed,
            Watched state) {}

    private void start(Target target, String kind, @Nullable Probe probe) {
        if (probe != null) {
            target.state()
                    .threads
                    .add(Thread.ofVirtual()
                            .name(kind + " " + target.spec().getName())
                            .start(() -> follow(target, kind, probe)));
        }
    }

    private void follow(Target target, String kind, Probe probe) {
        Watched state = target.state();
        Duration period = Duration.ofSeconds(Math.max(1, Objects.requireNonNullElse(probe.getPeriodSeconds(), 10)));
        Duration initial = Duration.ofSeconds(Objects.requireNonNullElse(probe.getInitialDelaySeconds(), 0));
        int successThreshold = Math.max(1, Objects.requireNonNullElse(probe.getSuccessThreshold(), 1));
        int failureThreshold = Math.max(1, Objects.requireNonNullElse(probe.getFailureThreshold(), 3));
        Count count = new Count();
        try {
            Duration wait = Duration.between(clock.instant(), target.startedAt().plus(initial));
            if (wait.isPositive()) {
                Thread.sleep(wait);
            }
            while (!state.closed) {
                boolean startup = "startup".equals(kind);
                if (startup && state.started) {
                    return;
                }
                boolean ending = target.pod().get().getMetadata().getDeletionTimestamp() != null;
                if (ending && !"readiness".equals(kind)) {
                    return;
                }
                if (!startup && !state.started) {
                    // Asked as soon as the start-up probe has succeeded, not a period later.
                    Thread.sleep(Math.min(period.toMillis(), 200));
                    continue;
                }
                Answer answer = handlers.probe(
                        probe,
                        target.spec(),
                        target.containerId(),
                        target.podIp().get());
                if (state.closed) {
                    return;
                }
                if (answer.verdict() != Verdict.SUCCESS) {
                    report(target, kind, answer);
                }
                if (answer.verdict() != Verdict.UNKNOWN && count.reached(answer, successThreshold, failureThreshold)) {
                    boolean good = answer.verdict() == Verdict.SUCCESS;
                    if (settle(state, kind, good, target.spec())) {
                        target.changed().run();
                    }
                    if (!good && !"readiness".equals(kind)) {
                        return;
                    }
                }
                Thread.sleep(period);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** How often in a row the same verdict came. */
    private static final class Count {
        private @Nullable Verdict last;
        private int run;

        boolean reached(Answer answer, int success, int failure) {
            run = answer.verdict() == last ? run + 1 : 1;
            last = answer.verdict();
            return run >= (answer.verdict() == Verdict.SUCCESS ? success : failure);
        }
    }

    private static synchronized boolean settle(Watched state, String kind, boolean good, Container spec) {
        switch (kind) {
            case "readiness" -> {
                boolean change = state.ready != good;
                state.ready = good;
                return change;
            }
            case "startup" -> {
                if (good) {
                    state.started = true;
                    state.ready = spec.getReadinessProbe() == null;
                    return true;
                }
                state.failed = kind;
                return true;
            }
            default -> {
                if (!good) {
                    state.failed = kind;
                }
                return !good;
            }
        }
    }

    private void report(Target target, String kind, Answer answer) {
        String name = Character.toUpperCase(kind.charAt(0)) + kind.substring(1);
        events.pod(
                target.pod().get(),
                target.spec().getName(),
                Type.WARNING,
                "Unhealthy",
                answer.verdict() == Verdict.UNKNOWN
                        ? "%s probe errored and resulted in unknown state: %s".formatted(name, answer.output())
                        : "%s probe failed: %s".formatted(name, answer.output()));
    }

    public Optional<State> state(String containerId) {
        return Optional.ofNullable(watched.get(containerId))
                .map(state -> new State(state.started, state.ready, Optional.ofNullable(state.failed)));
    }

    /** The container has ended. */
    public void forget(String containerId) {
        Watched state = watched.remove(containerId);
        if (state != null) {
            state.closed = true;
            state.threads.forEach(Thread::interrupt);
        }
    }

    @Override
    public void close() {
        watched.keySet().forEach(this::forget);
    }
}
