package io.quarterdeck.cel;

import io.quarterdeck.cel.DeclType.DeclField;
import io.quarterdeck.cel.DeclType.Kind;
import io.quarterdeck.cel.DeclType.ListOf;
import io.quarterdeck.cel.DeclType.MapOf;
import io.quarterdeck.cel.DeclType.ObjectOf;
import io.quarterdeck.cel.DeclType.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes types of JSON schemas: structural ones of custom resources, and those of the OpenAPI document. Pure.
 *
 * <p>Source: KEP-2876. A schema that says nothing about its values (preserve-unknown-fields without a type or properties)
 * has no type; fields with such a schema cannot be named in expressions.
 */
public final class SchemaTypes {

    private SchemaTypes() {}

    /**
     * @param schema an openAPIV3Schema, or a part of one
     * @param resourceRoot whether apiVersion, kind and the two names of metadata are there although not declared
     * @param name how the objects in it are called; has to differ from others of the environment
     * @return null when expressions cannot see values of the schema
     */
    public static @Nullable DeclType of(JsonNode schema, boolean resourceRoot, String name) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean(false)) {
            long most = schema.has("maxLength") ? characters(schema) : DeclType.MAX_REQUEST_BYTES - 2;
            return new Scalar(Kind.DYN, most, 1);
        }
        boolean root =
                resourceRoot || schema.path("x-kubernetes-embedded-resource").asBoolean(false);
        JsonNode seen = root ? withResourceFields(schema) : schema;
        return switch (seen.path("type").asString("")) {
            case "array" -> list(seen, name);
            case "object" -> object(seen, name);
            case "string" -> string(seen);
            case "boolean" -> DeclType.BOOL;
            case "number" -> DeclType.DOUBLE;
            case "integer" -> DeclType.INT;
            default -> null;
        };
    }

    private static @Nullable DeclType list(JsonNode schema, String name) {
        if (!schema.path("items").isObject()) {
            return null;
        }
        DeclType element = of(schema.path("items"), false, name + ".@idx");
        if (element == null) {
            return null;
        }
        long most = schema.has("maxItems")
                ? Math.max(0, schema.path("maxItems").asLong(0))
                : (DeclType.MAX_REQUEST_BYTES - 2) / (element.minSize() + 1);
        List<String> keys = new ArrayList<>();
        schema.path("x-kubernetes-list-map-keys").forEach(key -> keys.add(key.asString("")));
        return new ListOf(element, most, merge(schema), keys);
    }

    private static ListOf.Merge merge(JsonNode schema) {
        return switch (schema.path("x-kubernetes-list-type").asString("")) {
            case "set" -> ListOf.Merge.SET;
            case "map" -> ListOf.Merge.MAP;
            default -> ListOf.Merge.ATOMIC;
        };
    }

    private static @Nullable DeclType object(JsonNode schema, String name) {
        if (schema.path("additionalProperties").isObject()) {
            DeclType value = of(schema.path("additionalProperties"), false, name + ".@elem");
            if (value == null) {
                return null;
            }
            long most = schema.has("maxProperties")
                    ? Math.max(0, schema.path("maxProperties").asLong(0))
                    : (DeclType.MAX_REQUEST_BYTES - 2) / (value.minSize() + 6);
            return new MapOf(value, most);
        }
        List<String> required = new ArrayList<>();
        schema.path("required").forEach(field -> required.add(field.asString("")));
        Map<String, DeclField> fields = new LinkedHashMap<>();
        long minSize = 2;
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            String json = property.getKey();
            String escaped = PropertyNames.escape(json).orElse("");
            DeclType type = of(property.getValue(), false, name + "." + escaped);
            if (type == null) {
                continue;
            }
            if (!escaped.isEmpty()) {
                fields.put(escaped, new DeclField(json, type));
            }
            if (required.contains(json) && !property.getValue().has("default")) {
                minSize += json.length() + type.minSize() + 4;
            }
        }
        return new ObjectOf(name, fields, minSize);
    }

    private static DeclType string(JsonNode schema) {
        return switch (schema.path("format").asString("")) {
            case "byte" ->
                new Scalar(
                        Kind.BYTES,
                        schema.has("maxLength")
                                ? Math.max(0, schema.path("maxLength").asLong(0))
                                : DeclType.MAX_REQUEST_BYTES - 2,
                        2);
            case "duration" -> new Scalar(Kind.DURATION, 32, 3);
            case "date" -> new Scalar(Kind.DATE, 12, 12);
            case "date-time" -> DeclType.TIMESTAMP;
            default -> new Scalar(Kind.STRING, length(schema), 2);
        };
    }

    private static long length(JsonNode schema) {
        if (schema.has("maxLength")) {
            return characters(schema);
        }
        if (schema.path("enum").isEmpty()) {
            return DeclType.MAX_REQUEST_BYTES - 2;
        }
        long longest = 0;
        for (JsonNode value : schema.path("enum")) {
            longest = Math.max(longest, value.asString("").length());
        }
        return longest;
    }

    /** Whether a resource is declared whole, as those of the API's own document are. */
    private static boolean saysResourceFields(JsonNode properties) {
        JsonNode metadata = properties.path("metadata");
        return isText(properties.path("apiVersion"))
                && isText(properties.path("kind"))
                && metadata.path("type").asString("").equals("object")
                && isText(metadata.path("properties").path("name"))
                && isText(metadata.path("properties").path("generateName"));
    }

    private static boolean isText(JsonNode schema) {
        return schema.path("type").asString("").equals("string");
    }

    /** Limits count characters, costs count bytes, of which a character has four at most. */
    private static long characters(JsonNode schema) {
        return Math.max(0, schema.path("maxLength").asLong(0)) * 4;
    }

    private static JsonNode withResourceFields(JsonNode schema) {
        if (saysResourceFields(schema.path("properties"))) {
            return schema;
        }
        ObjectNode text = JsonNodeFactory.instance.objectNode().put("type", "string");
        ObjectNode complete = JsonNodeFactory.instance.objectNode();
        schema.properties().forEach(entry -> complete.set(entry.getKey(), entry.getValue()));
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        schema.path("properties").properties().forEach(entry -> properties.set(entry.getKey(), entry.getValue()));
        properties.set("apiVersion", text).set("kind", text);
        ObjectNode metadata = properties.putObject("metadata").put("type", "object");
        metadata.putObject("properties").set("name", text).set("generateName", text);
        complete.put("type", "object").set("properties", properties);
        return complete;
    }
}
