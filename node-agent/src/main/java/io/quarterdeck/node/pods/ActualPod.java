package io.quarterdeck.node.pods;

import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.Sandbox;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a worker sees and remembers of its pod at one moment.
 *
 * @param sandboxes newest first
 * @param addresses of the newest sandbox; empty until it is connected
 * @param networked sandboxes that hold a network
 * @param containers newest attempt of each name first
 * @param health by container id
 * @param tasks by container name: what is being done to it right now
 * @param backOffs by container name
 * @param notBefore by container name: when a start that failed may be tried again
 * @param redefined ids of containers that were stopped because their definition changed
 * @param volumesReady whether the volumes are set up
 * @param blockedUntil when sandbox or volumes may be tried again after a failure
 * @param refused why the node cannot run the pod at all
 * @param gone whether the API does not know the pod any more
 * @param files whether the pod still has files on the node
 * @param networkReady whether sandboxes can be connected
 */
record ActualPod(
        List<Sandbox> sandboxes,
        Optional<List<String>> addresses,
        Set<String> networked,
        List<Container> containers,
        Map<String, Health> health,
        Map<String, Task> tasks,
        Map<String, BackOff> backOffs,
        Map<String, Instant> notBefore,
        Set<String> redefined,
        boolean volumesReady,
        Optional<Instant> blockedUntil,
        Optional<Refusal> refused,
        boolean gone,
        boolean files,
        boolean networkReady) {

    /** What probes say. A container without a start-up probe is started as soon as it runs. */
    record Health(boolean started, boolean ready, Optional<String> failedProbe) {}

    sealed interface Task {
        record Starting() implements Task {}

        /** Will be killed at the deadline. */
        record Stopping(Instant deadline) implements Task {}
    }

    /**
     * Why a pod failed as a whole, for {@code status.reason} and {@code status.message}.
     *
     * @param atAdmission before anything of it was made
     */
    record Refusal(String reason, String message, boolean atAdmission) {}

    Optional<Sandbox> sandbox() {
        return sandboxes.stream().findFirst();
    }

    Optional<Container> newest(String name) {
        return containers.stream()
                .filter(container -> container.name().equals(name))
                .findFirst();
    }

    Optional<Container> newestIn(String sandboxId, String name) {
        return newest(name).filter(container -> container.sandboxId().equals(sandboxId));
    }

    /** The one before the newest. */
    Optional<Container> previous(String name) {
        return containers.stream()
                .filter(container -> container.name().equals(name))
                .skip(1)
                .findFirst();
    }
}
