package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.node.pods.ActualPod.Health;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import io.quarterdeck.node.pods.ActualPod.Task;
import io.quarterdeck.node.pods.PodAction.AttachNetwork;
import io.quarterdeck.node.pods.PodAction.CancelStart;
import io.quarterdeck.node.pods.PodAction.ConfirmDeletion;
import io.quarterdeck.node.pods.PodAction.DelayContainer;
import io.quarterdeck.node.pods.PodAction.Forget;
import io.quarterdeck.node.pods.PodAction.HurryContainer;
import io.quarterdeck.node.pods.PodAction.LookAgain;
import io.quarterdeck.node.pods.PodAction.Refuse;
import io.quarterdeck.node.pods.PodAction.RemoveContainer;
import io.quarterdeck.node.pods.PodAction.RemoveSandbox;
import io.quarterdeck.node.pods.PodAction.RunSandbox;
import io.quarterdeck.node.pods.PodAction.SetUpVolumes;
import io.quarterdeck.node.pods.PodAction.StartContainer;
import io.quarterdeck.node.pods.PodAction.StopContainer;
import io.quarterdeck.node.pods.PodAction.StopReason;
import io.quarterdeck.node.pods.PodAction.StopSandbox;
import io.quarterdeck.node.pods.PodAction.TearDown;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.Labels;
import io.quarterdeck.node.runtime.Sandbox;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What to do next for a pod. Pure: the worker performs the actions, looks again and asks again, until only waiting is
 * left. Source: "Pod lifecycle", "Init containers", "Sidecar containers".
 */
final class PodSync {

    /** A pod that was removed by force has no say in how long its end takes. */
    private static final Duration FORCED = Duration.ofSeconds(1);

    private PodSync() {}

    static List<PodAction> decide(Pod pod, ActualPod actual, Instant now) {
        if (actual.gone()) {
            return end(pod, actual, now, FORCED, true);
        }
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return end(pod, actual, now, PodSpecs.grace(pod), true);
        }
        if (PodSpecs.ended(pod) || actual.refused().isPresent()) {
            return end(pod, actual, now, PodSpecs.grace(pod), false);
        }
        Optional<Instant> deadline = deadline(pod);
        if (deadline.isPresent() && !now.isBefore(deadline.get())) {
            return List.of(new Refuse(new Refusal(
                    "DeadlineExceeded", "Pod was active on the node longer than the specified deadline", false)));
        }
        List<PodAction> actions = new ArrayList<>();
        deadline.ifPresent(at -> actions.add(new LookAgain(at)));
        actions.addAll(run(pod, actual, now));
        return actions;
    }

    private static Optional<Instant> deadline(Pod pod) {
        Long seconds = pod.getSpec().getActiveDeadlineSeconds();
        if (seconds == null || pod.getStatus() == null || pod.getStatus().getStartTime() == null) {
            return Optional.empty();
        }
        return Optional.of(Instant.parse(pod.getStatus().getStartTime()).plusSeconds(seconds));
    }

    // ---- ending ----

    private static List<PodAction> end(Pod pod, ActualPod actual, Instant now, Duration grace, boolean removing) {
        List<PodAction> actions = new ArrayList<>();
        stopAll(pod, actual, now, grace, actions);
        actual.tasks().forEach((name, task) -> {
            if (task instanceof Task.Starting
                    && actual.newest(name).filter(Container::running).isEmpty()) {
                actions.add(new CancelStart(name));
            }
        });
        boolean busy = !actual.tasks().isEmpty();
        boolean running = actual.containers().stream().anyMatch(Container::running);
        if (running || busy) {
            return actions;
        }
        for (Sandbox sandbox : actual.sandboxes()) {
            if (sandbox.ready() || actual.networked().contains(sandbox.id())) {
                actions.add(new StopSandbox(sandbox.id()));
            }
        }
        if (!actions.isEmpty()) {
            return actions;
        }
        if (!removing) {
            // The containers stay, so that their logs can be read until the pod is deleted.
            if (actual.volumesReady()) {
                actions.add(new TearDown());
            }
            return actions;
        }
        actual.containers().forEach(container -> actions.add(new RemoveContainer(container.id())));
        actual.sandboxes().forEach(sandbox -> actions.add(new RemoveSandbox(sandbox.id())));
        if (actual.files()) {
            actions.add(new TearDown());
        }
        if (actions.isEmpty()) {
            actions.add(actual.gone() ? new Forget() : new ConfirmDeletion());
        }
        return actions;
    }

    /** Sidecars outlive the containers that they serve, and go in reverse order. */
    private static void stopAll(Pod pod, ActualPod actual, Instant now, Duration grace, List<PodAction> actions) {
        List<String> sidecars = PodSpecs.initContainers(pod).stream()
                .filter(PodSpecs::isSidecar)
                .map(io.fabric8.kubernetes.api.model.Container::getName)
                .toList();
        List<Container> running =
                actual.containers().stream().filter(Container::running).toList();
        List<Container> first = running.stream()
                .filter(container -> !sidecars.contains(container.name()))
                .toList();
        List<Container> batch = first;
        if (first.isEmpty()) {
            batch =
                    running.stream()
                            .max((a, b) -> Integer.compare(sidecars.indexOf(a.name()), sidecars.indexOf(b.name())))
                            .stream()
                            .toList();
        }
        for (Container container : batch) {
            switch (actual.tasks().get(container.name())) {
                case null -> actions.add(new StopContainer(container, grace, StopReason.POD_ENDS));
                case Task.Stopping stopping -> {
                    if (stopping.deadline().isAfter(now.plus(grace))) {
                        actions.add(new HurryContainer(container.name(), grace));
                    }
                }
                // A start may sit in its post-start hook; stopping ends that too.
                case Task.Starting starting -> actions.add(new StopContainer(container, grace, StopReason.POD_ENDS));
            }
        }
    }

    // ---- running ----

    private static List<PodAction> run(Pod pod, ActualPod actual, Instant now) {
        List<PodAction> actions = new ArrayList<>();
        Optional<Sandbox> current = actual.sandbox().filter(Sandbox::ready);
        if (current.isEmpty()) {
            return replaceSandbox(pod, actual, now);
        }
        Sandbox sandbox = current.get();
        if (actual.blockedUntil().filter(now::isBefore).isPresent()) {
            return List.of(new LookAgain(actual.blockedUntil().get()));
        }
        removeOld(actual, sandbox, actions);
        if (!actual.volumesReady()) {
            actions.add(new SetUpVolumes());
            return actions;
        }
        if (!PodSpecs.hostNetwork(pod) && actual.addresses().isEmpty()) {
            actions.add(new AttachNetwork(sandbox));
            return actions;
        }
        ephemeral(pod, actual, sandbox, now, actions);
        Step initialised = initialise(pod, actual, sandbox, now, actions);
        if (initialised == Step.GO_ON) {
            regular(pod, actual, sandbox, now, actions);
        }
        return actions;
    }

    /** Started once, also beside an init container that hangs: that may be what somebody wants to look at. */
    private static void ephemeral(Pod pod, ActualPod actual, Sandbox sandbox, Instant now, List<PodAction> actions) {
        for (io.fabric8.kubernetes.api.model.Container container : PodSpecs.ephemeralContainers(pod)) {
            boolean ran = actual.newest(container.getName())
                    .filter(last -> last.state() != Container.State.CREATED)
                    .isPresent();
            if (!ran && !actual.tasks().containsKey(container.getName())) {
                start(container, actual, sandbox, now, actions);
            }
        }
    }

    private enum Step {
        GO_ON,
        WAIT
    }

    private static List<PodAction> replaceSandbox(Pod pod, ActualPod actual, Instant now) {
        List<PodAction> actions = new ArrayList<>();
        List<Container> running =
                actual.containers().stream().filter(Container::running).toList();
        for (Container container : running) {
            if (!actual.tasks().containsKey(container.name())) {
                actions.add(new StopContainer(container, PodSpecs.grace(pod), StopReason.SANDBOX_LOST));
            }
        }
        for (Sandbox dead : actual.sandboxes()) {
            if (actual.networked().contains(dead.id())) {
                actions.add(new StopSandbox(dead.id()));
            }
        }
        if (!running.isEmpty() || !actual.tasks().isEmpty() || !actions.isEmpty()) {
            return actions;
        }
        if (nothingLeftToRun(pod, actual)) {
            return actions;
        }
        if (actual.blockedUntil().filter(now::isBefore).isPresent()) {
            return List.of(new LookAgain(actual.blockedUntil().get()));
        }
        if (!actual.volumesReady()) {
            return List.of(new SetUpVolumes());
        }
        if (!PodSpecs.hostNetwork(pod) && !actual.networkReady()) {
            return List.of(new LookAgain(now.plusSeconds(2)));
        }
        int attempt = actual.sandbox().map(sandbox -> sandbox.attempt() + 1).orElse(0);
        return List.of(new RunSandbox(attempt));
    }

    /** A sandbox that is lost after the pod's work is done needs no successor. */
    private static boolean nothingLeftToRun(Pod pod, ActualPod actual) {
        if (actual.sandboxes().isEmpty()) {
            return false;
        }
        String policy = PodSpecs.restartPolicy(pod);
        if ("Never".equals(policy) && !actual.containers().isEmpty()) {
            return true;
        }
        return "OnFailure".equals(policy)
                && pod.getSpec().getContainers().stream()
                        .allMatch(container -> actual.newest(container.getName())
                                .filter(last -> last.state() == Container.State.EXITED && last.exitCode() == 0)
                                .isPresent());
    }

    /** Of each container the newest attempt and the one before it are kept, for logs and last state. */
    private static void removeOld(ActualPod actual, Sandbox current, List<PodAction> actions) {
        Set<String> seen = new HashSet<>();
        Set<String> seenTwice = new HashSet<>();
        for (Container container : actual.containers()) {
            if (seen.add(container.name()) || seenTwice.add(container.name())) {
                continue;
            }
            if (!container.running()) {
                actions.add(new RemoveContainer(container.id()));
            }
        }
        for (Sandbox sandbox : actual.sandboxes()) {
            if (!sandbox.id().equals(current.id())) {
                if (sandbox.ready() || actual.networked().contains(sandbox.id())) {
                    actions.add(new StopSandbox(sandbox.id()));
                } else {
                    actions.add(new RemoveSandbox(sandbox.id()));
                }
            }
        }
    }

    private static Step initialise(Pod pod, ActualPod actual, Sandbox sandbox, Instant now, List<PodAction> actions) {
        boolean initialised = pod.getSpec().getContainers().stream()
                .anyMatch(container ->
                        actual.newestIn(sandbox.id(), container.getName()).isPresent());
        for (io.fabric8.kubernetes.api.model.Container container : PodSpecs.initContainers(pod)) {
            boolean sidecar = PodSpecs.isSidecar(container);
            if (initialised && !sidecar) {
                continue;
            }
            Optional<Container> last = actual.newestIn(sandbox.id(), container.getName());
            if (actual.tasks().containsKey(container.getName())) {
                if (initialised) {
                    continue;
                }
                return Step.WAIT;
            }
            if (last.isEmpty() || last.get().state() == Container.State.CREATED) {
                start(container, actual, sandbox, now, actions);
                if (initialised) {
                    continue;
                }
                return Step.WAIT;
            }
            Container state = last.get();
            if (state.running()) {
                boolean started = started(actual, state);
                if (sidecar) {
                    stopIfFailing(pod, container, actual, state, actions);
                }
                if (initialised || (sidecar && started)) {
                    continue;
                }
                return Step.WAIT;
            }
            if (!sidecar && state.exitCode() == 0) {
                continue;
            }
            if (!sidecar && "Never".equals(PodSpecs.restartPolicy(pod))) {
                return Step.WAIT;
            }
            restart(container, actual, state, sandbox, now, actions);
            if (!initialised) {
                return Step.WAIT;
            }
        }
        return Step.GO_ON;
    }

    private static boolean started(ActualPod actual, Container container) {
        return Optional.ofNullable(actual.health().get(container.id()))
                .map(Health::started)
                .orElse(false);
    }

    private static void regular(Pod pod, ActualPod actual, Sandbox sandbox, Instant now, List<PodAction> actions) {
        boolean allDone = true;
        List<PodAction> steps = new ArrayList<>();
        for (io.fabric8.kubernetes.api.model.Container container : pod.getSpec().getContainers()) {
            if (actual.tasks().containsKey(container.getName())) {
                allDone = false;
                continue;
            }
            Optional<Container> last = actual.newest(container.getName());
            if (last.isEmpty() || last.get().state() == Container.State.CREATED) {
                allDone = false;
                start(container, actual, sandbox, now, steps);
                continue;
            }
            Container state = last.get();
            if (state.running()) {
                allDone = false;
                stopIfFailing(pod, container, actual, state, steps);
            } else if (mayRestart(pod, actual, state)) {
                allDone = false;
                restart(container, actual, state, sandbox, now, steps);
            }
        }
        if (allDone) {
            // What is left serves containers that will not run again.
            stopAll(pod, actual, now, PodSpecs.grace(pod), actions);
        } else {
            actions.addAll(steps);
        }
    }

    private static boolean mayRestart(Pod pod, ActualPod actual, Container ended) {
        if (actual.redefined().contains(ended.id())) {
            return true;
        }
        return switch (PodSpecs.restartPolicy(pod)) {
            case "Never" -> false;
            case "OnFailure" -> ended.exitCode() != 0;
            default -> true;
        };
    }

    private static void start(
            io.fabric8.kubernetes.api.model.Container container,
            ActualPod actual,
            Sandbox sandbox,
            Instant now,
            List<PodAction> actions) {
        int attempt = actual.newest(container.getName())
                .map(last -> last.state() == Container.State.CREATED ? last.attempt() : last.attempt() + 1)
                .orElse(0);
        startUnlessHeldBack(container, attempt, actual, sandbox, now, actions);
    }

    private static void restart(
            io.fabric8.kubernetes.api.model.Container container,
            ActualPod actual,
            Container ended,
            Sandbox sandbox,
            Instant now,
            List<PodAction> actions) {
        BackOff backOff = actual.backOffs().get(container.getName());
        Instant until = backOff == null ? now : backOff.until(ended.finishedAt());
        if (now.isBefore(until)) {
            actions.add(new DelayContainer(container, until));
        } else {
            startUnlessHeldBack(container, ended.attempt() + 1, actual, sandbox, now, actions);
        }
    }

    /** A container that could not even be made is not tried again at once. */
    private static void startUnlessHeldBack(
            io.fabric8.kubernetes.api.model.Container container,
            int attempt,
            ActualPod actual,
            Sandbox sandbox,
            Instant now,
            List<PodAction> actions) {
        Instant notBefore = actual.notBefore().getOrDefault(container.getName(), now);
        if (now.isBefore(notBefore)) {
            actions.add(new LookAgain(notBefore));
        } else {
            actions.add(new StartContainer(container, attempt, sandbox));
        }
    }

    private static void stopIfFailing(
            Pod pod,
            io.fabric8.kubernetes.api.model.Container container,
            ActualPod actual,
            Container running,
            List<PodAction> actions) {
        String hash = running.labels().get(Labels.CONTAINER_HASH);
        if (hash != null && !hash.equals(PodSpecs.hash(container))) {
            actions.add(new StopContainer(running, PodSpecs.grace(pod), StopReason.REDEFINED));
            return;
        }
        Stream.ofNullable(actual.health().get(running.id()))
                .flatMap(health -> health.failedProbe().stream())
                .findFirst()
                .ifPresent(probe -> actions.add(
                        new StopContainer(running, PodSpecs.grace(pod, container, probe), StopReason.PROBE_FAILED)));
    }
}
