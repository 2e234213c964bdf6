package io.quarterdeck.scheduler.framework;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cluster at one moment, as one decision sees it: nodes with their pods, namespace labels, disruption budgets, and
 * pods that wait for room which preemption makes for them (nominated). Immutable.
 */
public final class Snapshot {

    private final List<NodeInfo> nodes;
    private final Map<String, NodeInfo> byName;
    private final Map<String, Map<String, String>> namespaceLabels;
    private final Map<String, List<PodInfo>> nominated;
    private final List<DisruptionBudget> budgets;

    private Snapshot(
            List<NodeInfo> nodes,
            Map<String, NodeInfo> byName,
            Map<String, Map<String, String>> namespaceLabels,
            Map<String, List<PodInfo>> nominated,
            List<DisruptionBudget> budgets) {
        this.nodes = nodes;
        this.byName = byName;
        this.namespaceLabels = namespaceLabels;
        this.nominated = nominated;
        this.budgets = budgets;
    }

    public static Snapshot of(
            Collection<NodeInfo> nodes,
            Map<String, Map<String, String>> namespaceLabels,
            Map<String, List<PodInfo>> nominated,
            List<DisruptionBudget> budgets) {
        Map<String, NodeInfo> byName = HashMap.newHashMap(nodes.size());
        nodes.forEach(node -> byName.put(node.name(), node));
        List<NodeInfo> sorted = new ArrayList<>(nodes);
        sorted.sort(Comparator.comparing(NodeInfo::name));
        return new Snapshot(
                List.copyOf(sorted), byName, Map.copyOf(namespaceLabels), Map.copyOf(nominated), List.copyOf(budgets));
    }

    /** In the order of their names. */
    public List<NodeInfo> nodes() {
        return nodes;
    }

    public Optional<NodeInfo> node(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Map<String, String> namespaceLabels(String namespace) {
        return namespaceLabels.getOrDefault(namespace, Map.of());
    }

    public List<PodInfo> nominatedTo(String node) {
        return nominated.getOrDefault(node, List.of());
    }

    public List<DisruptionBudget> budgets() {
        return budgets;
    }

    /** The same cluster with one node replaced. */
    public Snapshot with(NodeInfo replacement) {
        Map<String, NodeInfo> changed = new HashMap<>(byName);
        changed.put(replacement.name(), replacement);
        return new Snapshot(
                nodes.stream()
                        .map(node -> node.name().equals(replacement.name()) ? replacement : node)
                        .toList(),
                changed,
                namespaceLabels,
                nominated,
                budgets);
    }
}
