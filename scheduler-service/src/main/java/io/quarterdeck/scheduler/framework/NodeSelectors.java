package io.quarterdeck.scheduler.framework;

import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.quarterdeck.model.Selectors;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which nodes a node selector means. */
public final class NodeSelectors {

    private NodeSelectors() {}

    /** Terms are alternatives; a selector without terms matches nothing. */
    public static boolean matches(NodeSelector selector, NodeInfo node) {
        return Objects.requireNonNullElse(selector.getNodeSelectorTerms(), List.<NodeSelectorTerm>of()).stream()
                .anyMatch(term -> matches(term, node));
    }

    /** An empty term matches nothing. */
    public static boolean matches(NodeSelectorTerm term, NodeInfo node) {
        List<NodeSelectorRequirement> expressions = list(term.getMatchExpressions());
        List<NodeSelectorRequirement> fields = list(term.getMatchFields());
        if (expressions.isEmpty() && fields.isEmpty()) {
            return false;
        }
        return Selectors.of(expressions).matches(node.labels())
                && Selectors.of(fields).matches(Map.of("metadata.name", node.name()));
    }

    public static List<NodeSelectorRequirement> list(@Nullable List<NodeSelectorRequirement> requirements) {
        return Objects.requireNonNullElse(requirements, List.of());
    }
}
