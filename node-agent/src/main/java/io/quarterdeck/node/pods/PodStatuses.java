package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.ContainerUser;
import io.fabric8.kubernetes.api.model.ContainerUserBuilder;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountStatus;
import io.fabric8.kubernetes.api.model.VolumeMountStatusBuilder;
import io.quarterdeck.node.pods.ActualPod.Health;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.Sandbox;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a pod's status says of what it is. Pure. Source: "Pod lifecycle": phase, container states, conditions. */
final class PodStatuses {

    /** Why a container waits, and what to know of it. */
    record Waiting(String reason, String message) {}

    private static final String READY_TO_START = "PodReadyToStartContainers";

    private static final List<String> ORDER =
            List.of(READY_TO_START, "Initialized", "Ready", "ContainersReady", "PodScheduled");

    private final Pod pod;
    private final ActualPod actual;
    private final Map<String, Waiting> waiting;
    private final Function<Container, String> terminationMessage;
    private final List<String> hostIps;
    private final Instant now;

    private PodStatuses(
            Pod pod,
            ActualPod actual,
            Map<String, Waiting> waiting,
            Function<Container, String> terminationMessage,
            List<String> hostIps,
            Instant now) {
        this.pod = pod;
        this.actual = actual;
        this.waiting = waiting;
        this.terminationMessage = terminationMessage;
        this.hostIps = hostIps;
        this.now = now;
    }

    /** @param waiting by container name: why it is not running, where there is more to say than that it is to come */
    static PodStatus of(
            Pod pod,
            ActualPod actual,
            Map<String, Waiting> waiting,
            Function<Container, String> terminationMessage,
            List<String> hostIps,
            Instant now) {
        return new PodStatuses(pod, actual, waiting, terminationMessage, hostIps, now).build();
    }

    /** What is still to be said of a pod that has ended: that its sandbox is gone, too. Empty when it was said. */
    static Optional<PodStatus> afterEnd(Pod pod, ActualPod actual, Instant now) {
        boolean said = find(pod.getStatus(), READY_TO_START)
                .filter(condition -> "True".equals(condition.getStatus()))
                .isEmpty();
        if (said || actual.sandboxes().stream().anyMatch(Sandbox::ready)) {
            return Optional.empty();
        }
        PodStatuses statuses = new PodStatuses(pod, actual, Map.of(), container -> "", List.of(), now);
        return Optional.of(pod.getStatus()
                .edit()
                .removeMatchingFromConditions(condition -> READY_TO_START.equals(condition.getType()))
                .addToConditions(statuses.condition(READY_TO_START, false, null, null))
                .build());
    }

    private PodStatus build() {
        PodStatus before = Objects.requireNonNullElseGet(pod.getStatus(), PodStatus::new);
        if (actual.refused().filter(Refusal::atAdmission).isPresent()) {
            return rejected(before, actual.refused().get());
        }
        List<ContainerStatus> init = PodSpecs.initContainers(pod).stream()
                .map(container -> container(container, true))
                .toList();
        List<ContainerStatus> regular = pod.getSpec().getContainers().stream()
                .map(container -> container(container, false))
                .toList();
        String phase = phase(before, init, regular);
        List<String> podIps = podIps(before);
        PodStatusBuilder status = new PodStatusBuilder()
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .withPhase(phase)
                .withStartTime(Objects.requireNonNullElseGet(before.getStartTime(), () -> text(now)))
                .withHostIP(hostIps.isEmpty() ? null : hostIps.getFirst())
                .withHostIPs(hostIps.stream().map(HostIP::new).toList())
                .withPodIP(podIps.isEmpty() ? null : podIps.getFirst())
                .withPodIPs(podIps.stream().map(PodIP::new).toList())
                .withInitContainerStatuses(init)
                .withContainerStatuses(regular)
                .withEphemeralContainerStatuses(PodSpecs.ephemeralContainers(pod).stream()
                        .map(container -> container(container, false)
                                .edit()
                                .withReady(false)
                                .build())
                        .toList())
                .withConditions(conditions(before, phase, init, regular));
        actual.refused()
                .ifPresentOrElse(refusal -> status.withReason(refusal.reason()).withMessage(refusal.message()), () -> {
                    if ("Failed".equals(before.getPhase())) {
                        status.withReason(before.getReason()).withMessage(before.getMessage());
                    }
                });
        return status.build();
    }

    /** Nothing of the pod was ever made, so there is nothing to tell but why. */
    private PodStatus rejected(PodStatus before, Refusal refusal) {
        return new PodStatusBuilder()
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .withPhase("Failed")
                .withReason(refusal.reason())
                .withMessage("Pod was rejected: " + refusal.message())
                .withStartTime(Objects.requireNonNullElseGet(before.getStartTime(), () -> text(now)))
                .build();
    }

    private List<String> podIps(PodStatus before) {
        if (PodSpecs.hostNetwork(pod)) {
            return actual.sandboxes().isEmpty() ? List.of() : hostIps;
        }
        // A pod that has ended keeps the address that it had.
        return actual.addresses()
                .orElseGet(() -> Objects.requireNonNullElse(before.getPodIPs(), List.<PodIP>of()).stream()
                        .map(PodIP::getIp)
                        .toList());
    }

    // ---- containers ----

    private ContainerStatus container(io.fabric8.kubernetes.api.model.Container spec, boolean init) {
        Optional<Container> newest = actual.newest(spec.getName());
        Optional<Container> previous = actual.previous(spec.getName());
        Waiting asked = waiting.get(spec.getName());
        boolean running = newest.filter(Container::running).isPresent();
        boolean exited =
                newest.filter(last -> last.state() == Container.State.EXITED).isPresent();
        ContainerState state;
        Optional<Container> last = previous;
        if (running) {
            state = new ContainerStateBuilder()
                    .withNewRunning(text(newest.get().startedAt()))
                    .build();
        } else if (exited && (asked == null || podEnds())) {
            state = terminated(newest.get());
        } else {
            Waiting shown = asked != null
                    ? asked
                    : new Waiting(PodSpecs.initContainers(pod).isEmpty() ? "ContainerCreating" : "PodInitializing", "");
            state = new ContainerStateBuilder()
                    .withNewWaiting()
                    .withReason(shown.reason())
                    .withMessage(shown.message().isEmpty() ? null : shown.message())
                    .endWaiting()
                    .build();
            last = exited ? newest : previous;
        }
        Health health = newest.map(container -> actual.health().get(container.id()))
                .orElse(new Health(false, false, Optional.empty()));
        boolean started = running && health.started();
        boolean ready =
                init && !PodSpecs.isSidecar(spec) ? exited && newest.get().exitCode() == 0 : started && health.ready();
        return new ContainerStatusBuilder()
                .withName(spec.getName())
                .withState(state)
                .withLastState(last.filter(container -> container.state() == Container.State.EXITED)
                        .map(this::terminated)
                        .orElseGet(ContainerState::new))
                .withReady(ready)
                .withRestartCount(newest.map(Container::attempt).orElse(0))
                .withImage(newest.map(Container::image).orElse(spec.getImage()))
                .withImageID(newest.map(container -> "docker://" + container.imageId())
                        .orElse(""))
                .withContainerID(newest.map(PodStatuses::containerId).orElse(null))
                .withStarted(started)
                .withVolumeMounts(Objects.requireNonNullElse(spec.getVolumeMounts(), List.<VolumeMount>of()).stream()
                        .map(PodStatuses::mounted)
                        .toList())
                .withResources(
                        newest.isEmpty()
                                ? null
                                : Objects.requireNonNullElseGet(spec.getResources(), ResourceRequirements::new))
                .withAllocatedResources(
                        newest.isPresent() && spec.getResources() != null
                                ? spec.getResources().getRequests()
                                : null)
                .withUser(newest.map(this::user).orElse(null))
                .build();
    }

    /** That of the first process when it began: what it made of itself later is its own affair. */
    private @Nullable ContainerUser user(Container container) {
        return told(container)
                .map(ContainerStatus::getUser)
                .or(() -> container
                        .user()
                        .map(user -> new ContainerUserBuilder()
                                .withNewLinux()
                                .withUid(user.uid())
                                .withGid(user.gid())
                                .withSupplementalGroups(user.supplementalGroups())
                                .endLinux()
                                .build()))
                .orElse(null);
    }

    /** What the API shows of this very container. */
    private Optional<ContainerStatus> told(Container container) {
        PodStatus status = pod.getStatus();
        return status == null
                ? Optional.empty()
                : Stream.of(
                                status.getContainerStatuses(),
                                status.getInitContainerStatuses(),
                                status.getEphemeralContainerStatuses())
                        .filter(Objects::nonNull)
                        .flatMap(List::stream)
                        .filter(known -> containerId(container).equals(known.getContainerID()))
                        .findFirst();
    }

    private static VolumeMountStatus mounted(VolumeMount mount) {
        boolean readOnly = Boolean.TRUE.equals(mount.getReadOnly());
        return new VolumeMountStatusBuilder()
                .withName(mount.getName())
                .withMountPath(mount.getMountPath())
                .withReadOnly(readOnly ? true : null)
                .withRecursiveReadOnly(readOnly ? "Disabled" : null)
                .build();
    }

    private boolean podEnds() {
        return pod.getMetadata().getDeletionTimestamp() != null
                || actual.refused().isPresent()
                || PodSpecs.ended(pod);
    }

    private ContainerState terminated(Container container) {
        String message = terminationMessage.apply(container);
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(container.exitCode())
                .withReason(container.reason())
                .withMessage(message.isEmpty() ? null : message)
                .withStartedAt(text(container.startedAt()))
                .withFinishedAt(text(container.finishedAt()))
                .withContainerID(containerId(container))
                .endTerminated()
                .build();
    }

    private static String containerId(Container container) {
        return "docker://" + container.id();
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    // ---- phase ----

    private String phase(PodStatus before, List<ContainerStatus> init, List<ContainerStatus> regular) {
        if (PodSpecs.ended(pod)) {
            return before.getPhase();
        }
        if (actual.refused().isPresent()) {
            // Nobody may take a pod for ended while one of its processes runs.
            return actual.containers().stream().anyMatch(Container::running)
                    ? Objects.requireNonNullElse(before.getPhase(), "Running")
                    : "Failed";
        }
        int pendingInit = 0;
        int failedInit = 0;
        boolean sidecarPending = false;
        for (int i = 0; i < init.size(); i++) {
            ContainerStatus status = init.get(i);
            if (PodSpecs.isSidecar(PodSpecs.initContainers(pod).get(i))) {
                boolean hasRun = status.getState().getTerminated() != null
                        || status.getLastState().getTerminated() != null;
                sidecarPending |= !Boolean.TRUE.equals(status.getStarted()) && !hasRun;
                continue;
            }
            Integer exit = exitCode(status);
            if (exit == null) {
                pendingInit++;
            } else if (exit != 0) {
                failedInit++;
            }
        }
        int running = 0;
        int waitingCount = 0;
        int stopped = 0;
        int succeeded = 0;
        for (ContainerStatus status : regular) {
            if (status.getState().getRunning() != null) {
                running++;
            } else if (status.getState().getTerminated() != null) {
                stopped++;
                succeeded += status.getState().getTerminated().getExitCode() == 0 ? 1 : 0;
            } else if (status.getLastState().getTerminated() != null) {
                stopped++;
            } else {
                waitingCount++;
            }
        }
        String policy = PodSpecs.restartPolicy(pod);
        if (failedInit > 0 && "Never".equals(policy)) {
            return "Failed";
        }
        boolean anyRegular = running + stopped > 0;
        if (pendingInit + failedInit > 0 || (sidecarPending && !anyRegular) || waitingCount > 0) {
            return "Pending";
        }
        if (running > 0) {
            return "Running";
        }
        // A sidecar that still runs keeps the pod from having ended.
        boolean sidecarRuns = init.stream().anyMatch(status -> status.getState().getRunning() != null);
        boolean deleting = pod.getMetadata().getDeletionTimestamp() != null;
        if ("Always".equals(policy) && !deleting || sidecarRuns) {
            return "Running";
        }
        if (stopped == succeeded) {
            return "Succeeded";
        }
        return "Never".equals(policy) || deleting ? "Failed" : "Running";
    }

    private static @Nullable Integer exitCode(ContainerStatus status) {
        if (status.getState().getTerminated() != null) {
            return status.getState().getTerminated().getExitCode();
        }
        return status.getState().getWaiting() != null && status.getLastState().getTerminated() != null
                ? status.getLastState().getTerminated().getExitCode()
                : null;
    }

    // ---- conditions ----

    private List<PodCondition> conditions(
            PodStatus before, String phase, List<ContainerStatus> init, List<ContainerStatus> regular) {
        boolean ended = "Succeeded".equals(phase) || "Failed".equals(phase);
        boolean succeeded = "Succeeded".equals(phase);
        List<PodCondition> conditions = new ArrayList<>();
        boolean sandboxReady =
                actual.sandbox().filter(sandbox -> sandbox.ready()).isPresent()
                        && (PodSpecs.hostNetwork(pod) || actual.addresses().isPresent());
        conditions.add(condition(READY_TO_START, sandboxReady, null, null));

        List<String> incomplete = new ArrayList<>();
        for (int i = 0; i < init.size(); i++) {
            ContainerStatus status = init.get(i);
            boolean sidecar = PodSpecs.isSidecar(PodSpecs.initContainers(pod).get(i));
            boolean done = sidecar ? Boolean.TRUE.equals(status.getStarted()) : Boolean.TRUE.equals(status.getReady());
            if (!done) {
                incomplete.add(status.getName());
            }
        }
        boolean regularBegan = regular.stream()
                .anyMatch(status -> status.getState().getRunning() != null
                        || status.getState().getTerminated() != null
                        || status.getLastState().getTerminated() != null);
        if (succeeded) {
            conditions.add(condition("Initialized", true, "PodCompleted", null));
        } else if (incomplete.isEmpty() || regularBegan) {
            conditions.add(condition("Initialized", true, null, null));
        } else {
            conditions.add(condition(
                    "Initialized",
                    false,
                    "ContainersNotInitialized",
                    "containers with incomplete status: [" + String.join(" ", incomplete) + "]"));
        }

        List<String> unready = new ArrayList<>();
        for (int i = 0; i < init.size(); i++) {
            if (PodSpecs.isSidecar(PodSpecs.initContainers(pod).get(i))
                    && !Boolean.TRUE.equals(init.get(i).getReady())) {
                unready.add(init.get(i).getName());
            }
        }
        regular.stream()
                .filter(status -> !Boolean.TRUE.equals(status.getReady()))
                .forEach(status -> unready.add(status.getName()));
        String reason = null;
        String message = null;
        boolean containersReady = false;
        if (ended) {
            reason = succeeded ? "PodCompleted" : "PodFailed";
        } else if (unready.isEmpty()) {
            containersReady = true;
        } else {
            reason = "ContainersNotReady";
            message = "containers with unready status: [" + String.join(" ", unready) + "]";
        }
        conditions.add(condition("ContainersReady", containersReady, reason, message));
        conditions.add(ready(before, containersReady, reason, message));
        conditions.sort((a, b) -> Integer.compare(ORDER.indexOf(a.getType()), ORDER.indexOf(b.getType())));
        return conditions;
    }

    private PodCondition ready(
            PodStatus before, boolean containersReady, @Nullable String reason, @Nullable String message) {
        if (!containersReady) {
            return condition("Ready", false, reason, message);
        }
        List<String> missing = new ArrayList<>();
        for (PodReadinessGate gate :
                Objects.requireNonNullElse(pod.getSpec().getReadinessGates(), List.<PodReadinessGate>of())) {
            Optional<PodCondition> found = find(before, gate.getConditionType());
            if (found.isEmpty()) {
                missing.add("corresponding condition of pod readiness gate \"%s\" does not exist."
                        .formatted(gate.getConditionType()));
            } else if (!"True".equals(found.get().getStatus())) {
                missing.add("the status of pod readiness gate \"%s\" is not \"True\", but %s"
                        .formatted(gate.getConditionType(), found.get().getStatus()));
            }
        }
        return missing.isEmpty()
                ? condition("Ready", true, null, null)
                : condition("Ready", false, "ReadinessGatesNotReady", String.join(", ", missing));
    }

    private static Optional<PodCondition> find(PodStatus status, String type) {
        return Objects.requireNonNullElse(status.getConditions(), List.<PodCondition>of()).stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    private PodCondition condition(String type, boolean holds, @Nullable String reason, @Nullable String message) {
        String value = holds ? "True" : "False";
        Optional<PodCondition> before = pod.getStatus() == null ? Optional.empty() : find(pod.getStatus(), type);
        String since = before.filter(condition -> value.equals(condition.getStatus()))
                .map(PodCondition::getLastTransitionTime)
                .orElseGet(() -> text(now));
        return new PodConditionBuilder()
                .withType(type)
                .withStatus(value)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(since)
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .build();
    }
}
