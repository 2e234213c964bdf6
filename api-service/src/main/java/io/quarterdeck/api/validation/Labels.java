package io.quarterdeck.api.validation;

import io.quarterdeck.model.Formats;
import tools.jackson.databind.JsonNode;

/** Rules about labels and the selectors that choose by them, and whether a selector chooses a set of labels. */
public final class Labels {

    private Labels() {}

    /** A map of labels; findings name the map, as upstream's do. */
    public static void check(Field labels) {
        labels.entries((key, value) -> {
            Formats.qualifiedName(key).forEach(problem -> labels.invalidValue(key, problem));
            Formats.labelValue(value.text()).forEach(problem -> labels.invalidValue(value.text(), problem));
        });
    }

    /** A {@code LabelSelector}; an absent one is fine. */
    public static void checkSelector(Field selector) {
        check(selector.at("matchLabels"));
        selector.at("matchExpressions").items().forEach(Labels::checkRequirement);
    }

    public static void checkRequirement(Field requirement) {
        Field operator = requirement.at("operator");
        Field values = requirement.at("values");
        switch (operator.text()) {
            case "In", "NotIn" -> {
                if (values.empty()) {
                    values.required("must be specified when `operator` is 'In' or 'NotIn'");
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (!values.empty()) {
                    values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
            }
            default -> operator.invalidValue(operator.text(), "not a valid selector operator");
        }
        requirement.at("key").format(Formats::qualifiedName);
        values.items().forEach(value -> value.format(Formats::labelValue));
    }

    /** Whether the selector (a {@code LabelSelector} object) chooses these labels. An absent one chooses nothing. */
    public static boolean selects(JsonNode selector, JsonNode labels) {
        if (!selector.isObject()) {
            return false;
        }
        for (var wanted : selector.path("matchLabels").properties()) {
            if (!wanted.getValue().equals(labels.path(wanted.getKey()))) {
                return false;
            }
        }
        for (JsonNode requirement : selector.path("matchExpressions")) {
            JsonNode value = labels.path(requirement.path("key").asString(""));
            boolean listed = Values.strings(requirement.path("values")).contains(value.asString(""));
            boolean chosen = switch (requirement.path("operator").asString("")) {
                case "In" -> value.isString() && listed;
                case "NotIn" -> !(value.isString() && listed);
                case "Exists" -> value.isString();
                case "DoesNotExist" -> !value.isString();
                default -> false;
            };
            if (!chosen) {
                return false;
            }
        }
        return true;
    }

    public static boolean emptySelector(Field selector) {
        return selector.at("matchLabels").empty()
                && selector.at("matchExpressions").empty();
    }
}
