package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.document.Document;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The conditions that the server itself gives: whether a FlowSchema hangs in the air, and whether an APIService can be
 * reached at all. Pure.
 *
 * <p>Source: kube-apiserver's flow control configuration consumer, kube-aggregator's availability controller.
 */
final class ServerConditions {

    private ServerConditions() {}

    /** The schema with its verdict, or empty when it already says so. */
    static Optional<Document> dangling(Document schema, boolean levelExists, Instant now) {
        String level = schema.text("spec.priorityLevelConfiguration.name");
        return with(
                schema,
                "Dangling",
                levelExists ? "False" : "True",
                levelExists ? "Found" : "NotFound",
                "This FlowSchema references the PriorityLevelConfiguration object named \"%s\" %s"
                        .formatted(level, levelExists ? "and it exists" : "but there is no such object"),
                now);
    }

    /**
     * The APIService with its verdict; empty when it already says so, and when only a request to the backend can tell.
     *
     * @param service the Service that it names, if that exists
     * @param slices that Service's EndpointSlices
     */
    static Optional<Document> available(
            Document apiService, Optional<Document> service, List<Document> slices, Instant now) {
        if (!apiService.has("spec.service")) {
            return with(apiService, "Available", "True", "Local", "Local APIServices are always available", now);
        }
        String name = apiService.text("spec.service.name");
        String namespace = apiService.text("spec.service.namespace");
        if (service.isEmpty()) {
            return unavailable(
                    apiService,
                    "ServiceNotFound",
                    "service/%s in \"%s\" is not present".formatted(name, namespace),
                    now);
        }
        if (!service.get().text("spec.type").equals("ClusterIP")) {
            return Optional.empty();
        }
        long port = apiService.number("spec.service.port", 443);
        Optional<JsonNode> listening = service.get().items("spec.ports").stream()
                .filter(one -> one.path("port").asLong(0) == port)
                .findFirst();
        if (listening.isEmpty()) {
            return unavailable(
                    apiService,
                    "ServicePortError",
                    "service/%s in \"%s\" is not listening on port %d".formatted(name, namespace, port),
                    now);
        }
        if (slices.isEmpty()) {
            return unavailable(
                    apiService,
                    "EndpointsNotFound",
                    "cannot find endpointslices for service/%s in \"%s\"".formatted(name, namespace),
                    now);
        }
        String portName = listening.get().path("name").asString("");
        boolean reachable = slices.stream()
                .anyMatch(slice -> slice.items("ports").stream()
                                .anyMatch(one -> one.path("name").asString("").equals(portName))
                        && slice.items("endpoints").stream().anyMatch(ServerConditions::ready));
        return reachable
                ? Optional.empty()
                : unavailable(
                        apiService,
                        "MissingEndpoints",
                        "endpointslices for service/%s in \"%s\" have no addresses with port name \"%s\""
                                .formatted(name, namespace, portName),
                        now);
    }

    private static boolean ready(JsonNode endpoint) {
        return endpoint.path("conditions").path("ready").asBoolean(true)
                && !endpoint.path("addresses").isEmpty();
    }

    private static Optional<Document> unavailable(Document apiService, String reason, String message, Instant now) {
        return with(apiService, "Available", "False", reason, message, now);
    }

    private static Optional<Document> with(
            Document object, String type, String status, String reason, String message, Instant now) {
        ObjectNode condition = JsonNodeFactory.instance
                .objectNode()
                .put("type", type)
                .put("status", status)
                .put("lastTransitionTime", now.toString())
                .put("reason", reason)
                .put("message", message);
        ArrayNode conditions = JsonNodeFactory.instance.arrayNode();
        boolean placed = false;
        for (JsonNode known : object.items("status.conditions")) {
            if (!known.path("type").asString("").equals(type)) {
                conditions.add(known.deepCopy());
                continue;
            }
            if (says(known, "status", status) && says(known, "reason", reason) && says(known, "message", message)) {
                return Optional.empty();
            }
            if (says(known, "status", status)) {
                condition.set("lastTransitionTime", known.path("lastTransitionTime"));
            }
            conditions.add(condition);
            placed = true;
        }
        if (!placed) {
            conditions.add(condition);
        }
        Document next = object.copy();
        next.object("status").set("conditions", conditions);
        return Optional.of(next);
    }

    private static boolean says(JsonNode condition, String field, String value) {
        return condition.path(field).asString("").equals(value);
    }
}
