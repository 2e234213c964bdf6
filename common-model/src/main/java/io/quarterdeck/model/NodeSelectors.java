package io.quarterdeck.model;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which nodes, by their labels and names, a node selector means. */
public final class NodeSelectors {

    private NodeSelectors() {}

    /** Whether a pod's nodeSelector and required node affinity let it onto a node. */
    public static boolean allow(PodSpec pod, Map<String, String> labels, String name) {
        Map<String, String> wanted = Objects.requireNonNullElse(pod.getNodeSelector(), Map.of());
        return labels.entrySet().containsAll(wanted.entrySet())
                && Optional.ofNullable(pod.getAffinity())
                        .map(Affinity::getNodeAffinity)
                        .map(NodeAffinity::getRequiredDuringSchedulingIgnoredDuringExecution)
                        .map(selector -> matches(selector, labels, name))
                        .orElse(true);
    }

    /** Terms are alternatives; a selector without terms matches nothing. */
    public static boolean matches(NodeSelector selector, Map<String, String> labels, String name) {
        return Objects.requireNonNullElse(selector.getNodeSelectorTerms(), List.<NodeSelectorTerm>of()).stream()
                .anyMatch(term -> matches(term, labels, name));
    }

    /** An empty term matches nothing. */
    public static boolean matches(NodeSelectorTerm term, Map<String, String> labels, String name) {
        List<NodeSelectorRequirement> expressions = list(term.getMatchExpressions());
        List<NodeSelectorRequirement> fields = list(term.getMatchFields());
        if (expressions.isEmpty() && fields.isEmpty()) {
            return false;
        }
        return Selectors.of(expressions).matches(labels) && Selectors.of(fields).matches(Map.of("metadata.name", name));
    }

    public static List<NodeSelectorRequirement> list(@Nullable List<NodeSelectorRequirement> requirements) {
        return Objects.requireNonNullElse(requirements, List.of());
    }
}
