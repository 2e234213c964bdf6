package io.quarterdeck.api.customresources;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.schema.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Table columns that a definition asks for. Source: apiextensions.k8s.io/v1 CustomResourceColumnDefinition; upstream's
 * table convertor of custom resources.
 */
final class PrinterColumns {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final String NAME =
            "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a"
                    + " client to request the generation of an appropriate name automatically. Name is primarily intended for"
                    + " creation idempotence and configuration definition. Cannot be updated. More info:"
                    + " https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

    private static final String CREATED =
            "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed"
                    + " to be set in happens-before order across separate operations. Clients may not set this value. It is"
                    + " represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More"
                    + " info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    private PrinterColumns() {}

    static Columns of(Definition.Version version) {
        List<Columns.Column> columns = new ArrayList<>();
        columns.add(new Columns.Column(
                "Name", "string", "name", NAME, 0, (object, now) -> NODES.stringNode(object.name())));
        JsonNode declared = version.source().path("additionalPrinterColumns");
        if (declared.isEmpty()) {
            ObjectNode age = NODES.objectNode();
            age.put("name", "Age").put("type", "date").put("description", CREATED);
            age.put("jsonPath", ".metadata.creationTimestamp");
            columns.add(column(age, JsonPath.parse(".metadata.creationTimestamp")));
        }
        for (JsonNode column : declared) {
            try {
                columns.add(
                        column(column, JsonPath.parse(column.path("jsonPath").asString(""))));
            } catch (IllegalArgumentException unreadable) {
                // Upstream shows the columns up to the first that it cannot read.
                break;
            }
        }
        return Columns.of(columns);
    }

    private static Columns.Column column(JsonNode declared, JsonPath path) {
        String type = declared.path("type").asString("");
        String description = declared.path("description").asString("");
        return new Columns.Column(
                declared.path("name").asString(""),
                type,
                declared.path("format").asString(""),
                description.isEmpty()
                        ? "Custom resource definition column (in JSONPath format): "
                                + declared.path("jsonPath").asString("")
                        : description,
                declared.path("priority").asInt(0),
                (object, now) -> cell(object, path, type, now));
    }

    private static JsonNode cell(Document object, JsonPath path, String type, Instant now) {
        List<JsonNode> found = path.find(object.tree());
        JsonNode value = found.isEmpty() ? NODES.nullNode() : found.getFirst();
        if (value.isNull()) {
            return NODES.nullNode();
        }
        return switch (type) {
            case "string" -> NODES.stringNode(text(value));
            case "integer" -> integer(value);
            case "number" -> value.isNumber() ? value : NODES.nullNode();
            case "boolean" -> value.isBoolean() ? value : NODES.nullNode();
            case "date" -> value.isString() ? NODES.stringNode(age(value.stringValue(), now)) : NODES.nullNode();
            default -> NODES.nullNode();
        };
    }

    private static JsonNode integer(JsonNode value) {
        return value.isIntegralNumber()
                ? value
                : value.isNumber() ? NODES.numberNode((long) value.doubleValue()) : NODES.nullNode();
    }

    private static String text(JsonNode value) {
        return value.isString() ? value.stringValue() : new String(CanonicalJson.bytes(value), StandardCharsets.UTF_8);
    }

    private static String age(String time, Instant now) {
        Optional<Instant> then = Cells.instant(time);
        return then.isEmpty() ? "<invalid>" : Cells.since(time, now);
    }
}
