package io.quarterdeck.scheduler.plugins;

import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Resources;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Snapshot;
import java.util.List;
import org.springframework.stereotype.Component;

/** Likes nodes whose CPU and memory would be used to the same degree. */
@Component
final class BalancedAllocationPlugin implements ScorePlugin {

    @Override
    public String name() {
        return "NodeResourcesBalancedAllocation";
    }

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public long[] score(PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
        Resources wanted = pod.requests();
        // Pods that ask for nothing would all be drawn to the same node.
        if (wanted.milliCpu() == 0 && wanted.memory() == 0) {
            return new long[0];
        }
        return feasible.stream()
                .mapToLong(node -> {
                    Resources used = node.requested();
                    Resources room = node.allocatable();
                    if (room.milliCpu() == 0 || room.memory() == 0) {
                        return MAX_SCORE;
                    }
                    double cpu = share(used.milliCpu() + wanted.milliCpu(), room.milliCpu());
                    double memory = share(used.memory() + wanted.memory(), room.memory());
                    return (long) ((1 - Math.abs((cpu - memory) / 2)) * MAX_SCORE);
                })
                .toArray();
    }

    private static double share(long requested, long total) {
        return Math.min(1, (double) requested / total);
    }
}
