package io.quarterdeck.scheduler.framework;

import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.LabelSelector.Operator;
import io.quarterdeck.model.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Selectors of objects' specs, turned into matchers. */
public final class Selectors {

    /** Selects nothing: what an absent label selector means in affinity terms. */
    public static final LabelSelector NOTHING = new LabelSelector(List.of(new Requirement("", Operator.IN, Set.of())));

    private Selectors() {}

    /** An absent selector selects nothing, an empty one everything. */
    public static LabelSelector of(io.fabric8.kubernetes.api.model.@Nullable LabelSelector selector) {
        if (selector == null) {
            return NOTHING;
        }
        List<Requirement> requirements = new ArrayList<>();
        Objects.requireNonNullElse(selector.getMatchLabels(), Map.<String, String>of())
                .forEach((key, value) -> requirements.add(new Requirement(key, Operator.IN, Set.of(value))));
        for (LabelSelectorRequirement expression :
                Objects.requireNonNullElse(selector.getMatchExpressions(), List.<LabelSelectorRequirement>of())) {
            requirements.add(new Requirement(
                    expression.getKey(), operator(expression.getOperator()), values(expression.getValues())));
        }
        return new LabelSelector(requirements);
    }

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
        return of(expressions).matches(node.labels()) && of(fields).matches(Map.of("metadata.name", node.name()));
    }

    private static LabelSelector of(List<NodeSelectorRequirement> requirements) {
        return new LabelSelector(requirements.stream()
                .map(requirement -> new Requirement(
                        requirement.getKey(), operator(requirement.getOperator()), values(requirement.getValues())))
                .toList());
    }

    public static List<NodeSelectorRequirement> list(@Nullable List<NodeSelectorRequirement> requirements) {
        return Objects.requireNonNullElse(requirements, List.of());
    }

    private static Set<String> values(@Nullable List<String> values) {
        return values == null ? Set.of() : Set.copyOf(values);
    }

    private static Operator operator(String word) {
        return switch (word) {
            case "In" -> Operator.IN;
            case "NotIn" -> Operator.NOT_IN;
            case "Exists" -> Operator.EXISTS;
            case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
            case "Gt" -> Operator.GREATER_THAN;
            case "Lt" -> Operator.LESS_THAN;
            default -> throw new IllegalArgumentException("\"" + word + "\" is not a valid selector operator");
        };
    }
}
