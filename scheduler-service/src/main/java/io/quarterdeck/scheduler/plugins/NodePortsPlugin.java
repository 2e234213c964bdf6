package io.quarterdeck.scheduler.plugins;

import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** A port of a node is given out once. */
@Component
@Order(50)
final class NodePortsPlugin implements FilterPlugin {

    @Override
    public String name() {
        return "NodePorts";
    }

    @Override
    public Set<ClusterEvent> requeueOn() {
        return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.POD_GONE);
    }

    @Override
    public Preparation prepare(PodInfo pod, Snapshot snapshot) {
        if (pod.hostPorts().isEmpty()) {
            return Preparation.SKIP;
        }
        return new Preparation.Ask(node -> taken(pod, node)
                ? Verdict.unschedulable("node(s) didn't have free ports for the requested pod ports")
                : Verdict.FITS);
    }

    private static boolean taken(PodInfo pod, NodeInfo node) {
        return node.pods().stream()
                .flatMap(other -> other.hostPorts().stream())
                .anyMatch(used -> pod.hostPorts().stream().anyMatch(used::conflictsWith));
    }
}
