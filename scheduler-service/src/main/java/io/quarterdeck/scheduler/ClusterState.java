package io.quarterdeck.scheduler;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.quarterdeck.model.Selectors;
import io.quarterdeck.scheduler.framework.DisruptionBudget;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Nodes and what runs on them, a step ahead of the API: a decided pod counts on its node from the decision on (assumed),
 * until the API confirms it or the binding fails. Gives out snapshots. Thread-safe.
 */
final class ClusterState {

    private final TreeMap<String, NodeInfo> nodes = new TreeMap<>();
    private final Map<String, Placed> placed = new HashMap<>();
    private final Map<String, Nominated> nominated = new HashMap<>();
    private final Map<String, Map<String, String>> namespaceLabels = new HashMap<>();
    private final Map<String, DisruptionBudget> budgets = new HashMap<>();
    private @Nullable Snapshot current;

    private record Placed(PodInfo pod, String node) {}

    private record Nominated(PodInfo pod, String node) {}

    synchronized void setNode(Node node) {
        String name = node.getMetadata().getName();
        NodeInfo known = nodes.get(name);
        if (known != null) {
            nodes.put(name, known.withNode(node));
        } else {
            List<PodInfo> pods = placed.values().stream()
                    .filter(entry -> entry.node().equals(name))
                    .map(Placed::pod)
                    .toList();
            nodes.put(name, NodeInfo.of(node, pods));
        }
        current = null;
    }

    synchronized void removeNode(String name) {
        nodes.remove(name);
        current = null;
    }

    /** The pod runs, or is about to run, on {@code node}. */
    synchronized void place(PodInfo pod, String node) {
        unplace(pod.uid());
        placed.put(pod.uid(), new Placed(pod, node));
        nodes.computeIfPresent(node, (name, info) -> info.with(pod));
        nominated.remove(pod.uid());
        current = null;
    }

    /** Whether there was anything to take away. */
    synchronized boolean unplace(String uid) {
        Placed before = placed.remove(uid);
        if (before == null) {
            return false;
        }
        nodes.computeIfPresent(before.node(), (name, info) -> info.without(before.pod()));
        current = null;
        return true;
    }

    synchronized Optional<String> nodeOf(String uid) {
        return Optional.ofNullable(placed.get(uid)).map(Placed::node);
    }

    synchronized void nominate(PodInfo pod, String node) {
        nominated.put(pod.uid(), new Nominated(pod, node));
        current = null;
    }

    synchronized void forgetNomination(String uid) {
        if (nominated.remove(uid) != null) {
            current = null;
        }
    }

    synchronized void setNamespace(String name, Map<String, String> labels) {
        namespaceLabels.put(name, labels);
        current = null;
    }

    synchronized void removeNamespace(String name) {
        namespaceLabels.remove(name);
        current = null;
    }

    synchronized void setBudget(PodDisruptionBudget budget) {
        int allowed = budget.getStatus() == null
                ? 0
                : Objects.requireNonNullElse(budget.getStatus().getDisruptionsAllowed(), 0);
        Set<String> disrupted = budget.getStatus() == null || budget.getStatus().getDisruptedPods() == null
                ? Set.of()
                : Set.copyOf(budget.getStatus().getDisruptedPods().keySet());
        budgets.put(
                budget.getMetadata().getUid(),
                new DisruptionBudget(
                        budget.getMetadata().getNamespace(),
                        Selectors.of(budget.getSpec().getSelector()),
                        allowed,
                        disrupted));
        current = null;
    }

    synchronized void removeBudget(String uid) {
        budgets.remove(uid);
        current = null;
    }

    synchronized Snapshot snapshot() {
        if (current == null) {
            Map<String, List<PodInfo>> byNode = new HashMap<>();
            nominated
                    .values()
                    .forEach(entry -> byNode.computeIfAbsent(entry.node(), node -> new ArrayList<>())
                            .add(entry.pod()));
            current = Snapshot.of(nodes.values(), namespaceLabels, byNode, List.copyOf(budgets.values()));
        }
        return current;
    }
}
