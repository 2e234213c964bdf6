package io.quarterdeck.api.kinds.core;

import io.quarterdeck.model.Quantity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Defaults of a real pod that its schema's tables cannot say. Works on trees in place; whatever is set stays. */
final class PodDefaults {

    private PodDefaults() {}

    static void apply(JsonNode spec) {
        if (spec.path("hostNetwork").asBoolean(false)) {
            spec.path("containers").forEach(PodDefaults::hostPorts);
            spec.path("initContainers").forEach(PodDefaults::hostPorts);
        }
        podRequests(spec);
    }

    private static void hostPorts(JsonNode container) {
        for (JsonNode port : container.path("ports")) {
            if (port instanceof ObjectNode object && object.path("hostPort").asInt(0) == 0) {
                object.set("hostPort", object.path("containerPort"));
            }
        }
    }

    /** Requests of the pod as a whole follow from its containers' requests, else from its own limits. */
    private static void podRequests(JsonNode spec) {
        if (!(spec.path("resources") instanceof ObjectNode resources)
                || !resources.path("limits").isObject()) {
            return;
        }
        ObjectNode requests =
                resources.path("requests") instanceof ObjectNode present ? present : resources.putObject("requests");
        resources.path("limits").properties().forEach(limit -> {
            String name = limit.getKey();
            if (requests.has(name)) {
                return;
            }
            Quantity sum = Quantity.ZERO;
            boolean any = false;
            for (JsonNode container : spec.path("containers")) {
                JsonNode request = container.path("resources").path("requests").path(name);
                any |= request.isString();
                sum = sum.plus(ResourceRules.quantityOrZero(request));
            }
            if (any && ResourceRules.overcommittable(name)) {
                requests.put(name, sum.toString());
            } else {
                requests.set(name, limit.getValue());
            }
        });
    }
}
