package io.quarterdeck.model;

import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.quarterdeck.model.LabelSelector.Operator;
import io.quarterdeck.model.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Selectors of objects' specs, turned into matchers. Unknown operators are an {@link IllegalArgumentException}. */
public final class Selectors {

    /** Selects nothing: what an absent label selector means. */
    public static final LabelSelector NOTHING = new LabelSelector(List.of(new Requirement("", Operator.IN, Set.of())));

    private Selectors() {}

    /** An absent selector selects nothing, an empty one everything. */
    public static LabelSelector of(io.fabric8.kubernetes.api.model.@Nullable LabelSelector selector) {
        if (selector == null) {
            return NOTHING;
        }
        List<Requirement> requirements = new ArrayList<>(equalities(selector.getMatchLabels()));
        for (LabelSelectorRequirement expression :
                Objects.requireNonNullElse(selector.getMatchExpressions(), List.<LabelSelectorRequirement>of())) {
            requirements.add(requirement(expression.getKey(), expression.getOperator(), expression.getValues()));
        }
        return new LabelSelector(requirements);
    }

    public static boolean matches(
            io.fabric8.kubernetes.api.model.@Nullable LabelSelector selector, @Nullable Map<String, String> labels) {
        return of(selector).matches(labels == null ? Map.of() : labels);
    }

    /** A selector of the old kind: each label must have its value; an absent one selects everything. */
    public static LabelSelector of(@Nullable Map<String, String> labels) {
        return new LabelSelector(equalities(labels));
    }

    /** What a node selector term says of labels or fields; all of it must hold. */
    public static LabelSelector of(@Nullable List<NodeSelectorRequirement> requirements) {
        return new LabelSelector(Objects.requireNonNullElse(requirements, List.<NodeSelectorRequirement>of()).stream()
                .map(one -> requirement(one.getKey(), one.getOperator(), one.getValues()))
                .toList());
    }

    private static List<Requirement> equalities(@Nullable Map<String, String> labels) {
        return Objects.requireNonNullElse(labels, Map.<String, String>of()).entrySet().stream()
                .map(label -> new Requirement(label.getKey(), Operator.IN, Set.of(label.getValue())))
                .toList();
    }

    private static Requirement requirement(String key, String operator, @Nullable List<String> values) {
        return new Requirement(key, operator(operator), values == null ? Set.of() : Set.copyOf(values));
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
