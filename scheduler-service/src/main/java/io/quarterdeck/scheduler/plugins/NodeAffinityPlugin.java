package io.quarterdeck.scheduler.plugins;

import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.quarterdeck.model.NodeSelectors;
import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeFilter;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Scores;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** nodeSelector and node affinity, required and preferred. Source: Kubernetes documentation, "Assigning Pods to Nodes". */
@Component
@Order(40)
final class NodeAffinityPlugin implements FilterPlugin, ScorePlugin {

    @Override
    public String name() {
        return "NodeAffinity";
    }

    @Override
    public Set<ClusterEvent> requeueOn() {
        return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.NODE_LABELS_CHANGED);
    }

    @Override
    public Preparation prepare(PodInfo pod, Snapshot snapshot) {
        Map<String, String> labels = Objects.requireNonNullElse(pod.spec().getNodeSelector(), Map.of());
        Optional<NodeSelector> required =
                affinity(pod).map(NodeAffinity::getRequiredDuringSchedulingIgnoredDuringExecution);
        if (labels.isEmpty() && required.isEmpty()) {
            return Preparation.SKIP;
        }
        NodeFilter filter = node -> allows(pod, node)
                ? Verdict.FITS
                : Verdict.unresolvable("node(s) didn't match Pod's node affinity/selector");
        return required.flatMap(NodeAffinityPlugin::nodesNamed)
                .<Preparation>map(names -> new Preparation.AskOnly(names, filter))
                .orElse(new Preparation.Ask(filter));
    }

    /** Whether nodeSelector and required node affinity let {@code pod} onto {@code node}. */
    static boolean allows(PodInfo pod, NodeInfo node) {
        return NodeSelectors.allow(pod.spec(), node.labels(), node.name());
    }

    /** The only nodes that can match, when every alternative names them by metadata.name. */
    private static Optional<Set<String>> nodesNamed(NodeSelector selector) {
        Set<String> names = new HashSet<>();
        for (NodeSelectorTerm term :
                Objects.requireNonNullElse(selector.getNodeSelectorTerms(), List.<NodeSelectorTerm>of())) {
            Set<String> ofTerm = null;
            for (NodeSelectorRequirement field : NodeSelectors.list(term.getMatchFields())) {
                if (field.getKey().equals("metadata.name")
                        && field.getOperator().equals("In")) {
                    Set<String> values = Set.copyOf(field.getValues());
                    if (ofTerm == null) {
                        ofTerm = new HashSet<>(values);
                    } else {
                        ofTerm.retainAll(values);
                    }
                }
            }
            if (ofTerm == null) {
                return Optional.empty();
            }
            names.addAll(ofTerm);
        }
        return Optional.of(names);
    }

    private static Optional<NodeAffinity> affinity(PodInfo pod) {
        return Optional.ofNullable(pod.spec().getAffinity()).map(affinity -> affinity.getNodeAffinity());
    }

    @Override
    public int weight() {
        return 2;
    }

    @Override
    public long[] score(PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
        List<PreferredSchedulingTerm> preferred = affinity(pod)
                .map(NodeAffinity::getPreferredDuringSchedulingIgnoredDuringExecution)
                .orElse(List.of());
        if (preferred.isEmpty()) {
            return new long[0];
        }
        long[] raw = feasible.stream()
                .mapToLong(node -> preferred.stream()
                        .filter(term -> NodeSelectors.matches(term.getPreference(), node.labels(), node.name()))
                        .mapToLong(PreferredSchedulingTerm::getWeight)
                        .sum())
                .toArray();
        return Scores.normalize(raw, false);
    }
}
