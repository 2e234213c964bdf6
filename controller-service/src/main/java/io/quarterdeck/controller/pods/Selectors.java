package io.quarterdeck.controller.pods;

import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.LabelSelector.Operator;
import io.quarterdeck.model.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Selectors of objects as requirements. A missing selector selects nothing, an empty one everything. */
public final class Selectors {

    private Selectors() {}

    /** @throws IllegalArgumentException for an operator that the API does not know */
    public static boolean matches(
            io.fabric8.kubernetes.api.model.@Nullable LabelSelector selector, @Nullable Map<String, String> labels) {
        return selector != null && of(selector).matches(labels == null ? Map.of() : labels);
    }

    public static LabelSelector of(io.fabric8.kubernetes.api.model.LabelSelector selector) {
        List<Requirement> requirements = new ArrayList<>();
        if (selector.getMatchLabels() != null) {
            selector.getMatchLabels()
                    .forEach((key, value) -> requirements.add(new Requirement(key, Operator.IN, Set.of(value))));
        }
        if (selector.getMatchExpressions() != null) {
            for (LabelSelectorRequirement expression : selector.getMatchExpressions()) {
                Set<String> values = expression.getValues() == null ? Set.of() : Set.copyOf(expression.getValues());
                Operator operator = switch (expression.getOperator()) {
                    case "In" -> Operator.IN;
                    case "NotIn" -> Operator.NOT_IN;
                    case "Exists" -> Operator.EXISTS;
                    case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
                    default ->
                        throw new IllegalArgumentException(
                                "\"" + expression.getOperator() + "\" is not a valid label selector operator");
                };
                requirements.add(new Requirement(expression.getKey(), operator, values));
            }
        }
        return new LabelSelector(requirements);
    }

    /** A selector of the old kind: each label must have its value. */
    public static LabelSelector of(@Nullable Map<String, String> labels) {
        if (labels == null) {
            return LabelSelector.EVERYTHING;
        }
        return new LabelSelector(labels.entrySet().stream()
                .map(label -> new Requirement(label.getKey(), Operator.IN, Set.of(label.getValue())))
                .toList());
    }
}
