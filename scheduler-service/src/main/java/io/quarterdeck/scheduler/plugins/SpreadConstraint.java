package io.quarterdeck.scheduler.plugins;

import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.LabelSelector.Operator;
import io.quarterdeck.model.LabelSelector.Requirement;
import io.quarterdeck.model.Selectors;
import io.quarterdeck.model.Tolerations;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** One topology spread constraint, ready to count. Source: Kubernetes documentation, "Pod Topology Spread Constraints". */
record SpreadConstraint(
        int maxSkew,
        String topologyKey,
        int minDomains,
        LabelSelector selector,
        boolean honoursAffinity,
        boolean honoursTaints) {

    static List<SpreadConstraint> of(PodInfo pod, String whenUnsatisfiable) {
        List<SpreadConstraint> constraints = new ArrayList<>();
        for (TopologySpreadConstraint constraint : Objects.requireNonNullElse(
                pod.spec().getTopologySpreadConstraints(), List.<TopologySpreadConstraint>of())) {
            if (constraint.getWhenUnsatisfiable().equals(whenUnsatisfiable)) {
                constraints.add(of(pod, constraint));
            }
        }
        return constraints;
    }

    private static SpreadConstraint of(PodInfo pod, TopologySpreadConstraint constraint) {
        List<Requirement> requirements =
                new ArrayList<>(Selectors.of(constraint.getLabelSelector()).requirements());
        for (String key : Objects.requireNonNullElse(constraint.getMatchLabelKeys(), List.<String>of())) {
            String value = pod.labels().get(key);
            if (value != null) {
                requirements.add(new Requirement(key, Operator.IN, Set.of(value)));
            }
        }
        return new SpreadConstraint(
                constraint.getMaxSkew(),
                constraint.getTopologyKey(),
                Objects.requireNonNullElse(constraint.getMinDomains(), 1),
                new LabelSelector(requirements),
                !"Ignore".equals(constraint.getNodeAffinityPolicy()),
                "Honor".equals(constraint.getNodeTaintsPolicy()));
    }

    /** Whether the node's pods count: nodes that the pod could not use anyway may be left out. */
    boolean counts(NodeInfo node, PodInfo pod) {
        return (!honoursAffinity || NodeAffinityPlugin.allows(pod, node))
                && (!honoursTaints
                        || Tolerations.firstUntolerated(
                                        node.taints(), pod.tolerations(), Set.of("NoSchedule", "NoExecute"))
                                .isEmpty());
    }

    long matching(NodeInfo node, PodInfo pod) {
        return node.pods().stream()
                .filter(other -> other.namespace().equals(pod.namespace()) && !other.terminating())
                .filter(other -> selector.matches(other.labels()))
                .count();
    }
}
