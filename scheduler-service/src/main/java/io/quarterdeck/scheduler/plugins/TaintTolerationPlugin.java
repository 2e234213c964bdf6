package io.quarterdeck.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Toleration;
import io.quarterdeck.model.Tolerations;
import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Scores;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Hard taints keep pods away; soft ones make a node less liked. */
@Component
@Order(30)
final class TaintTolerationPlugin implements FilterPlugin, ScorePlugin {

    private static final Set<String> HARD = Set.of("NoSchedule", "NoExecute");

    @Override
    public String name() {
        return "TaintToleration";
    }

    @Override
    public Set<ClusterEvent> requeueOn() {
        return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.NODE_TAINTS_CHANGED);
    }

    @Override
    public Preparation prepare(PodInfo pod, Snapshot snapshot) {
        return new Preparation.Ask(node -> Tolerations.firstUntolerated(node.taints(), pod.tolerations(), HARD)
                        .isPresent()
                ? Verdict.unresolvable("node(s) had untolerated taint(s)")
                : Verdict.FITS);
    }

    @Override
    public int weight() {
        return 3;
    }

    @Override
    public long[] score(PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
        List<Toleration> soft = pod.tolerations().stream()
                .filter(toleration -> {
                    String effect = Objects.requireNonNullElse(toleration.getEffect(), "");
                    return effect.isEmpty() || effect.equals("PreferNoSchedule");
                })
                .toList();
        long[] intolerable = feasible.stream()
                .mapToLong(node -> node.taints().stream()
                        .filter(taint -> "PreferNoSchedule".equals(taint.getEffect()))
                        .filter(taint -> !Tolerations.tolerated(taint, soft))
                        .count())
                .toArray();
        return Scores.normalize(intolerable, true);
    }
}
