package io.quarterdeck.scheduler.plugins;

import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.Resources;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** A pod's requests must be free on the node; among nodes, the emptier one is liked (LeastAllocated). */
@Component
@Order(60)
final class NodeResourcesFitPlugin implements FilterPlugin, ScorePlugin {

    @Override
    public String name() {
        return "NodeResourcesFit";
    }

    @Override
    public Set<ClusterEvent> requeueOn() {
        return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.NODE_ALLOCATABLE_CHANGED, ClusterEvent.POD_GONE);
    }

    @Override
    public Preparation prepare(PodInfo pod, Snapshot snapshot) {
        return new Preparation.Ask(node -> fits(pod.requests(), node));
    }

    private static Verdict fits(Resources request, NodeInfo node) {
        Resources room = node.allocatable();
        Resources used = node.requested();
        List<String> reasons = new ArrayList<>();
        boolean hopeless = false;
        if (node.pods().size() + 1 > room.pods()) {
            reasons.add("Too many pods");
        }
        hopeless |= lacks("cpu", request.milliCpu(), used.milliCpu(), room.milliCpu(), reasons);
        hopeless |= lacks("memory", request.memory(), used.memory(), room.memory(), reasons);
        hopeless |= lacks(
                "ephemeral-storage",
                request.ephemeralStorage(),
                used.ephemeralStorage(),
                room.ephemeralStorage(),
                reasons);
        for (Map.Entry<String, Long> scalar : request.scalars().entrySet()) {
            String name = scalar.getKey();
            hopeless |= lacks(name, scalar.getValue(), used.scalar(name), room.scalar(name), reasons);
        }
        if (reasons.isEmpty()) {
            return Verdict.FITS;
        }
        return hopeless ? new Verdict.Unresolvable(reasons) : new Verdict.Unschedulable(reasons);
    }

    /** Notes what is missing; true when the node could not give it even if it were empty. */
    private static boolean lacks(String name, long wanted, long used, long total, List<String> reasons) {
        if (wanted <= 0 || wanted <= total - used) {
            return false;
        }
        reasons.add("Insufficient " + name);
        return wanted > total;
    }

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public long[] score(PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
        Resources wanted = pod.scoringRequests();
        return feasible.stream()
                .mapToLong(node -> {
                    Resources used = node.scoringRequested();
                    Resources room = node.allocatable();
                    long weights = 0;
                    long sum = 0;
                    if (room.milliCpu() > 0) {
                        sum += free(used.milliCpu() + wanted.milliCpu(), room.milliCpu());
                        weights++;
                    }
                    if (room.memory() > 0) {
                        sum += free(used.memory() + wanted.memory(), room.memory());
                        weights++;
                    }
                    return weights == 0 ? 0 : sum / weights;
                })
                .toArray();
    }

    private static long free(long requested, long total) {
        return requested > total ? 0 : (total - requested) * MAX_SCORE / total;
    }
}
