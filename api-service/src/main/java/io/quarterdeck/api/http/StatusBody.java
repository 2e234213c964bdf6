package io.quarterdeck.api.http;

import io.quarterdeck.model.StatusException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The Status object of an answer. */
public final class StatusBody {

    private StatusBody() {}

    static ObjectNode failure(StatusException error) {
        ObjectNode status = header();
        status.put("status", "Failure");
        if (!error.text().isEmpty()) {
            status.put("message", error.text());
        }
        if (!error.reason().isEmpty()) {
            status.put("reason", error.reason());
        }
        StatusException.Details details = error.details();
        if (details != null) {
            ObjectNode node = status.putObject("details");
            put(node, "name", details.name());
            put(node, "group", details.group());
            put(node, "kind", details.kind());
            put(node, "uid", details.uid());
            if (!details.causes().isEmpty()) {
                ArrayNode causes = node.putArray("causes");
                details.causes().forEach(cause -> {
                    ObjectNode entry = causes.addObject();
                    put(entry, "reason", cause.reason());
                    put(entry, "message", cause.message());
                    put(entry, "field", cause.field());
                });
            }
            if (details.retryAfterSeconds() != 0) {
                node.put("retryAfterSeconds", details.retryAfterSeconds());
            }
        }
        status.put("code", error.code());
        return status;
    }

    /** @param details null for an answer that names no object */
    public static ObjectNode success(StatusException.Details details) {
        ObjectNode status = header();
        status.put("status", "Success");
        ObjectNode node = status.putObject("details");
        put(node, "name", details.name());
        put(node, "group", details.group());
        put(node, "kind", details.kind());
        put(node, "uid", details.uid());
        return status;
    }

    /** Success without details; {@code code} is 0 where upstream leaves it out. */
    static ObjectNode success(int code) {
        ObjectNode status = header();
        status.put("status", "Success");
        if (code > 0) {
            status.put("code", code);
        }
        return status;
    }

    private static ObjectNode header() {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        return status;
    }

    private static void put(ObjectNode node, String field, String value) {
        if (!value.isEmpty()) {
            node.put(field, value);
        }
    }
}
