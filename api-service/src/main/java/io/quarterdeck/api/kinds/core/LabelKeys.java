package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns {@code matchLabelKeys} and {@code mismatchLabelKeys} of a new pod's affinity terms into requirements on its own
 * labels' values. Source: KEP-3633.
 */
final class LabelKeys {

    private LabelKeys() {}

    static void merge(Document pod) {
        JsonNode labels = pod.at("metadata.labels");
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            JsonNode affinity = pod.at("spec.affinity." + kind);
            for (JsonNode term : affinity.path("requiredDuringSchedulingIgnoredDuringExecution")) {
                merge(term, labels);
            }
            for (JsonNode term : affinity.path("preferredDuringSchedulingIgnoredDuringExecution")) {
                merge(term.path("podAffinityTerm"), labels);
            }
        }
    }

    private static void merge(JsonNode term, JsonNode labels) {
        if (!(term.path("labelSelector") instanceof ObjectNode selector)) {
            return;
        }
        add(term.path("matchLabelKeys"), "In", labels, selector);
        add(term.path("mismatchLabelKeys"), "NotIn", labels, selector);
    }

    private static void add(JsonNode keys, String operator, JsonNode labels, ObjectNode selector) {
        for (JsonNode key : keys) {
            JsonNode value = labels.path(key.asString(""));
            if (value.isString()) {
                ArrayNode expressions = selector.path("matchExpressions") instanceof ArrayNode present
                        ? present
                        : selector.putArray("matchExpressions");
                ObjectNode requirement = expressions.addObject().put("key", key.asString());
                requirement.put("operator", operator).putArray("values").add(value.stringValue());
            }
        }
    }
}
