package io.quarterdeck.scheduler.plugins;

import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Spreads alike pods over zones, nodes or whatever a label names, strictly or by preference. */
@Component
@Order(110)
final class PodTopologySpreadPlugin implements FilterPlugin, ScorePlugin {

    private static final String HOSTNAME = "kubernetes.io/hostname";

    @Override
    public String name() {
        return "PodTopologySpread";
    }

    @Override
    public Set<ClusterEvent> requeueOn() {
        return Set.of(
                ClusterEvent.NODE_ADDED,
                ClusterEvent.NODE_LABELS_CHANGED,
                ClusterEvent.NODE_TAINTS_CHANGED,
                ClusterEvent.POD_BOUND,
                ClusterEvent.POD_LABELS_CHANGED,
                ClusterEvent.POD_GONE);
    }

    @Override
    public Preparation prepare(PodInfo pod, Snapshot snapshot) {
        List<SpreadConstraint> constraints = SpreadConstraint.of(pod, "DoNotSchedule");
        if (constraints.isEmpty()) {
            return Preparation.SKIP;
        }
        List<Map<String, Long>> counts = new ArrayList<>();
        List<Long> minima = new ArrayList<>();
        for (SpreadConstraint constraint : constraints) {
            Map<String, Long> byDomain = new HashMap<>();
            for (NodeInfo node : snapshot.nodes()) {
                if (hasAllKeys(node, constraints) && constraint.counts(node, pod)) {
                    byDomain.merge(
                            node.labels().get(constraint.topologyKey()), constraint.matching(node, pod), Long::sum);
                }
            }
            counts.add(byDomain);
            minima.add(
                    byDomain.size() < constraint.minDomains()
                            ? 0L
                            : byDomain.values().stream()
                                    .mapToLong(Long::longValue)
                                    .min()
                                    .orElse(Integer.MAX_VALUE));
        }
        return new Preparation.Ask(node -> {
            for (int i = 0; i < constraints.size(); i++) {
                SpreadConstraint constraint = constraints.get(i);
                String domain = node.labels().get(constraint.topologyKey());
                if (domain == null) {
                    return Verdict.unresolvable(
                            "node(s) didn't match pod topology spread constraints (missing required label)");
                }
                long self = constraint.selector().matches(pod.labels()) ? 1 : 0;
                long skew = counts.get(i).getOrDefault(domain, 0L) + self - minima.get(i);
                if (skew > constraint.maxSkew()) {
                    return Verdict.unschedulable("node(s) didn't match pod topology spread constraints");
                }
            }
            return Verdict.FITS;
        });
    }

    @Override
    public int weight() {
        return 2;
    }

    @Override
    public long[] score(PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
        List<SpreadConstraint> constraints = SpreadConstraint.of(pod, "ScheduleAnyway");
        if (constraints.isEmpty()) {
            return new long[0];
        }
        List<NodeInfo> scored =
                feasible.stream().filter(node -> hasAllKeys(node, constraints)).toList();
        double[] raw = new double[feasible.size()];
        for (SpreadConstraint constraint : constraints) {
            Map<String, Long> byDomain = new HashMap<>();
            scored.forEach(node -> byDomain.put(node.labels().get(constraint.topologyKey()), 0L));
            double weight = Math.log(byDomain.size() + 2);
            for (NodeInfo node : snapshot.nodes()) {
                boolean counts = constraint.topologyKey().equals(HOSTNAME) || constraint.counts(node, pod);
                if (counts && hasAllKeys(node, constraints)) {
                    byDomain.computeIfPresent(
                            node.labels().get(constraint.topologyKey()),
                            (domain, count) -> count + constraint.matching(node, pod));
                }
            }
            for (int i = 0; i < raw.length; i++) {
                String domain = feasible.get(i).labels().get(constraint.topologyKey());
                if (domain != null) {
                    raw[i] += byDomain.getOrDefault(domain, 0L) * weight + constraint.maxSkew() - 1;
                }
            }
        }
        return fewestBest(raw, feasible, constraints);
    }

    private static long[] fewestBest(double[] raw, List<NodeInfo> feasible, List<SpreadConstraint> constraints) {
        long min = Long.MAX_VALUE;
        long max = 0;
        for (int i = 0; i < raw.length; i++) {
            if (hasAllKeys(feasible.get(i), constraints)) {
                min = Math.min(min, Math.round(raw[i]));
                max = Math.max(max, Math.round(raw[i]));
            }
        }
        long[] scores = new long[raw.length];
        for (int i = 0; i < raw.length; i++) {
            if (hasAllKeys(feasible.get(i), constraints)) {
                scores[i] = max == 0 ? MAX_SCORE : MAX_SCORE * (max + min - Math.round(raw[i])) / max;
            }
        }
        return scores;
    }

    private static boolean hasAllKeys(NodeInfo node, List<SpreadConstraint> constraints) {
        return constraints.stream().allMatch(constraint -> node.labels().containsKey(constraint.topologyKey()));
    }
}
