package io.quarterdeck.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.PodAffinity;
import io.fabric8.kubernetes.api.model.PodAntiAffinity;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Keeps pods near to or away from other pods, in both directions: the new pod's terms about those that run, and their
 * terms about it. Source: Kubernetes documentation, "Inter-pod affinity and anti-affinity".
 */
@Component
@Order(120)
final class InterPodAffinityPlugin implements FilterPlugin, ScorePlugin {

    /** A required affinity of a running pod also draws pods that it means, with this weight (upstream's default). */
    private static final int HARD_AFFINITY_WEIGHT = 1;

    /** A topology label with its value: one domain. */
    private record Domain(String key, String value) {}

    @Override
    public String name() {
        return "InterPodAffinity";
    }

    @Override
    public Set<ClusterEvent> requeueOn() {
        return Set.of(
                ClusterEvent.NODE_ADDED,
                ClusterEvent.NODE_LABELS_CHANGED,
                ClusterEvent.POD_BOUND,
                ClusterEvent.POD_LABELS_CHANGED,
                ClusterEvent.POD_GONE,
                ClusterEvent.NAMESPACE_CHANGED);
    }

    @Override
    public Preparation prepare(PodInfo pod, Snapshot snapshot) {
        List<AffinityTerm> affinity = requiredAffinity(pod);
        List<AffinityTerm> antiAffinity = requiredAntiAffinity(pod);
        Set<Domain> forbiddenByOthers = new HashSet<>();
        Set<Domain> near = new HashSet<>();
        Set<Domain> forbidden = new HashSet<>();
        for (NodeInfo node : snapshot.nodes()) {
            for (PodInfo other : node.pods()) {
                for (AffinityTerm term : requiredAntiAffinity(other)) {
                    if (term.means(pod, snapshot)) {
                        add(forbiddenByOthers, term, node);
                    }
                }
                // A pod counts as near only when it satisfies all terms at once.
                if (!affinity.isEmpty() && affinity.stream().allMatch(term -> term.means(other, snapshot))) {
                    affinity.forEach(term -> add(near, term, node));
                }
                for (AffinityTerm term : antiAffinity) {
                    if (term.means(other, snapshot)) {
                        add(forbidden, term, node);
                    }
                }
            }
        }
        if (affinity.isEmpty() && antiAffinity.isEmpty() && forbiddenByOthers.isEmpty()) {
            return Preparation.SKIP;
        }
        // The first of a group that wants to be together has nobody to be near to.
        boolean first = near.isEmpty() && affinity.stream().allMatch(term -> term.means(pod, snapshot));
        return new Preparation.Ask(node -> {
            for (AffinityTerm term : affinity) {
                Optional<Domain> domain = domain(term, node);
                if (domain.isEmpty() || (!first && !near.contains(domain.get()))) {
                    return Verdict.unresolvable("node(s) didn't match pod affinity rules");
                }
            }
            if (antiAffinity.stream()
                    .anyMatch(
                            term -> domain(term, node).map(forbidden::contains).orElse(false))) {
                return Verdict.unschedulable("node(s) didn't match pod anti-affinity rules");
            }
            if (forbiddenByOthers.stream()
                    .anyMatch(domain -> domain.value().equals(node.labels().get(domain.key())))) {
                return Verdict.unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");
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
        Map<Domain, Long> weights = new HashMap<>();
        for (NodeInfo node : snapshot.nodes()) {
            for (PodInfo other : node.pods()) {
                weigh(pod, other, node, snapshot, weights);
            }
        }
        if (weights.isEmpty()) {
            return new long[0];
        }
        long[] raw = new long[feasible.size()];
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = 0; i < raw.length; i++) {
            Map<String, String> labels = feasible.get(i).labels();
            for (Map.Entry<Domain, Long> weight : weights.entrySet()) {
                if (weight.getKey().value().equals(labels.get(weight.getKey().key()))) {
                    raw[i] += weight.getValue();
                }
            }
            min = Math.min(min, raw[i]);
            max = Math.max(max, raw[i]);
        }
        long[] scores = new long[raw.length];
        for (int i = 0; i < raw.length; i++) {
            scores[i] = max == min ? 0 : (long) (MAX_SCORE * ((double) (raw[i] - min) / (max - min)));
        }
        return scores;
    }

    private static void weigh(PodInfo pod, PodInfo other, NodeInfo node, Snapshot snapshot, Map<Domain, Long> weights) {
        preferred(affinity(pod).map(PodAffinity::getPreferredDuringSchedulingIgnoredDuringExecution))
                .forEach(term -> weigh(pod, term, 1, other, node, snapshot, weights));
        preferred(antiAffinity(pod).map(PodAntiAffinity::getPreferredDuringSchedulingIgnoredDuringExecution))
                .forEach(term -> weigh(pod, term, -1, other, node, snapshot, weights));
        for (AffinityTerm term : requiredAffinity(other)) {
            add(term, HARD_AFFINITY_WEIGHT, pod, node, snapshot, weights);
        }
        preferred(affinity(other).map(PodAffinity::getPreferredDuringSchedulingIgnoredDuringExecution))
                .forEach(term -> weigh(other, term, 1, pod, node, snapshot, weights));
        preferred(antiAffinity(other).map(PodAntiAffinity::getPreferredDuringSchedulingIgnoredDuringExecution))
                .forEach(term -> weigh(other, term, -1, pod, node, snapshot, weights));
    }

    private static void weigh(
            PodInfo owner,
            WeightedPodAffinityTerm term,
            int sign,
            PodInfo meant,
            NodeInfo node,
            Snapshot snapshot,
            Map<Domain, Long> weights) {
        add(AffinityTerm.of(owner, term.getPodAffinityTerm()), sign * term.getWeight(), meant, node, snapshot, weights);
    }

    private static void add(
            AffinityTerm term, int weight, PodInfo meant, NodeInfo node, Snapshot snapshot, Map<Domain, Long> weights) {
        if (weight != 0 && term.means(meant, snapshot)) {
            domain(term, node).ifPresent(domain -> weights.merge(domain, (long) weight, Long::sum));
        }
    }

    private static void add(Set<Domain> domains, AffinityTerm term, NodeInfo node) {
        domain(term, node).ifPresent(domains::add);
    }

    private static Optional<Domain> domain(AffinityTerm term, NodeInfo node) {
        return Optional.ofNullable(node.labels().get(term.topologyKey()))
                .map(value -> new Domain(term.topologyKey(), value));
    }

    private static List<AffinityTerm> requiredAffinity(PodInfo pod) {
        return affinity(pod)
                .map(PodAffinity::getRequiredDuringSchedulingIgnoredDuringExecution)
                .map(terms -> AffinityTerm.of(pod, terms))
                .orElse(List.of());
    }

    private static List<AffinityTerm> requiredAntiAffinity(PodInfo pod) {
        return antiAffinity(pod)
                .map(PodAntiAffinity::getRequiredDuringSchedulingIgnoredDuringExecution)
                .map(terms -> AffinityTerm.of(pod, terms))
                .orElse(List.of());
    }

    private static List<WeightedPodAffinityTerm> preferred(Optional<List<WeightedPodAffinityTerm>> terms) {
        return terms.orElse(List.of());
    }

    private static Optional<PodAffinity> affinity(PodInfo pod) {
        return Optional.ofNullable(pod.spec().getAffinity()).map(Affinity::getPodAffinity);
    }

    private static Optional<PodAntiAffinity> antiAffinity(PodInfo pod) {
        return Optional.ofNullable(pod.spec().getAffinity()).map(Affinity::getPodAntiAffinity);
    }
}
