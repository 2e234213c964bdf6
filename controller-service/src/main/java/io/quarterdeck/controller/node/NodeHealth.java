package io.quarterdeck.controller.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a node's signs of life. Only the controller's own clock counts: a sign is dated when it is seen, so
 * clocks of nodes need not agree with it.
 *
 * @param heartbeat the newest heartbeat of the node's status, as the node wrote it; empty for none
 * @param renewal the newest renewal of its lease; empty for none
 * @param seen when either changed last
 */
record NodeHealth(String heartbeat, String renewal, Instant seen) {

    /** Conditions that become Unknown with a silent node. */
    private static final List<String> CONDITIONS = List.of("Ready", "MemoryPressure", "DiskPressure", "PIDPressure");

    static NodeHealth first(Node node, String renewal, Instant now) {
        Optional<NodeCondition> ready = Taints.condition(node, "Ready");
        // A node that never told anything counts from its creation.
        Instant seen = ready.isEmpty() && renewal.isEmpty()
                ? Instant.parse(node.getMetadata().getCreationTimestamp())
                : now;
        return new NodeHealth(heartbeatOf(node), renewal, seen);
    }

    NodeHealth next(Node node, String nextRenewal, Instant now) {
        String nextHeartbeat = heartbeatOf(node);
        boolean alive = !nextHeartbeat.equals(heartbeat) || nextRenewal.compareTo(renewal) > 0;
        return new NodeHealth(nextHeartbeat, nextRenewal.isEmpty() ? renewal : nextRenewal, alive ? now : seen);
    }

    private static String heartbeatOf(Node node) {
        // A condition that this controller wrote is no sign of life.
        return Taints.condition(node, "Ready")
                .filter(condition -> !"Unknown".equals(condition.getStatus()))
                .map(condition -> condition.getStatus() + condition.getLastHeartbeatTime())
                .orElse("");
    }

    boolean silent(Node node, Duration grace, Duration startupGrace, Instant now) {
        Duration allowed = Taints.condition(node, "Ready").isEmpty() ? startupGrace : grace;
        return now.isAfter(seen.plus(allowed));
    }

    /** The conditions of a silent node; empty when they say so already. */
    static Optional<List<NodeCondition>> unknown(Node node, Instant now) {
        List<NodeCondition> conditions = new ArrayList<>(
                node.getStatus() == null || node.getStatus().getConditions() == null
                        ? List.of()
                        : node.getStatus().getConditions());
        String transition = now.truncatedTo(ChronoUnit.SECONDS).toString();
        boolean changed = false;
        for (String type : CONDITIONS) {
            Optional<NodeCondition> known = Taints.condition(node, type);
            if (known.isEmpty()) {
                conditions.add(new NodeConditionBuilder()
                        .withType(type)
                        .withStatus("Unknown")
                        .withReason("NodeStatusNeverUpdated")
                        .withMessage("Kubelet never posted node status.")
                        .withLastHeartbeatTime(node.getMetadata().getCreationTimestamp())
                        .withLastTransitionTime(transition)
                        .build());
                changed = true;
            } else if (!"Unknown".equals(known.get().getStatus())) {
                conditions.replaceAll(condition -> condition.getType().equals(type)
                        ? condition
                                .edit()
                                .withStatus("Unknown")
                                .withReason("NodeStatusUnknown")
                                .withMessage("Kubelet stopped posting node status.")
                                .withLastTransitionTime(transition)
                                .build()
                        : condition);
                changed = true;
            }
        }
        return changed ? Optional.of(conditions) : Optional.empty();
    }
}
