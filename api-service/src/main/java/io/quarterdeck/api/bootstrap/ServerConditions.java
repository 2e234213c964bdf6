package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.document.Document;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The conditions that the server itself gives: whether a FlowSchema hangs in the air. Pure.
 *
 * <p>Source: kube-apiserver's flow control configuration consumer.
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
