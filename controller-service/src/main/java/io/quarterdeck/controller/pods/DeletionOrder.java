package io.quarterdeck.controller.pods;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which of several equal pods to give up first. Source: Kubernetes documentation, "ReplicaSet", scaling down, and
 * client-go's ActivePodsWithRanks.
 */
public final class DeletionOrder {

    private static final String COST = "controller.kubernetes.io/pod-deletion-cost";

    private DeletionOrder() {}

    /**
     * The first to go comes first.
     *
     * @param crowd how many related pods share the node of each pod's node
     */
    public static Comparator<Pod> of(Map<String, Integer> crowd, Instant now) {
        return Comparator.<Pod>comparingInt(pod -> PodStates.nodeName(pod) == null ? 0 : 1)
                .thenComparingInt(DeletionOrder::phase)
                .thenComparingInt(pod -> PodStates.ready(pod) ? 1 : 0)
                .thenComparingInt(DeletionOrder::cost)
                .thenComparing(Comparator.<Pod>comparingInt(pod -> crowd.getOrDefault(nodeOf(pod), 0))
                        .reversed())
                .thenComparing((a, b) -> PodStates.ready(a) && PodStates.ready(b)
                        ? younger(PodStates.readySince(a), PodStates.readySince(b), a, b, now)
                        : 0)
                .thenComparing(
                        Comparator.<Pod>comparingInt(DeletionOrder::restarts).reversed())
                .thenComparing((a, b) -> younger(created(a), created(b), a, b, now));
    }

    private static String nodeOf(Pod pod) {
        String node = PodStates.nodeName(pod);
        return node == null ? "" : node;
    }

    private static int phase(Pod pod) {
        return switch (PodStates.phase(pod)) {
            case "Pending" -> 0;
            case "Unknown" -> 1;
            case "Running" -> 2;
            default -> 0;
        };
    }

    private static int cost(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        String cost = annotations == null ? null : annotations.get(COST);
        try {
            return cost == null ? 0 : Integer.parseInt(cost);
        } catch (NumberFormatException notANumber) {
            return 0;
        }
    }

    private static int restarts(Pod pod) {
        List<ContainerStatus> statuses =
                pod.getStatus() == null ? null : pod.getStatus().getContainerStatuses();
        return statuses == null
                ? 0
                : statuses.stream()
                        .map(ContainerStatus::getRestartCount)
                        .filter(count -> count != null)
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(0);
    }

    private static Optional<Instant> created(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getCreationTimestamp()).map(Instant::parse);
    }

    /** Ages are compared by their order of magnitude only, and equal ones by uid, so that no one age group is favoured. */
    private static int younger(Optional<Instant> a, Optional<Instant> b, Pod first, Pod second, Instant now) {
        if (a.equals(b)) {
            return 0;
        }
        if (a.isEmpty() || b.isEmpty()) {
            return a.isEmpty() ? -1 : 1;
        }
        long difference = magnitude(a.get(), now) - magnitude(b.get(), now);
        return difference != 0
                ? Long.signum(difference)
                : first.getMetadata().getUid().compareTo(second.getMetadata().getUid());
    }

    private static long magnitude(Instant since, Instant now) {
        long nanos = Duration.between(since, now).toNanos();
        return nanos > 0 ? 63 - Long.numberOfLeadingZeros(nanos) : -1;
    }
}
