package io.quarterdeck.api.customresources.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An openAPIV3Schema, read once so that values can be judged quickly. Immutable but for {@link #source}, which nobody
 * changes; thread-safe.
 *
 * <p>Source: apiextensions.k8s.io/v1 JSONSchemaProps; KEP-1693 (structural schemas).
 */
public final class JsonSchema {

    /** How a list is merged and what its elements must not share. */
    public enum ListType {
        ATOMIC,
        SET,
        MAP
    }

    private final ObjectNode source;
    private final Map<String, JsonSchema> properties;
    private final @Nullable JsonSchema items;
    private final @Nullable JsonSchema additional;
    private final List<JsonSchema> allOf;
    private final List<JsonSchema> anyOf;
    private final List<JsonSchema> oneOf;
    private final @Nullable JsonSchema not;
    private final String type;
    private final String format;
    private final List<JsonNode> enumeration;
    private final List<String> required;
    private final List<String> mapKeys;
    private final ListType listType;
    private final boolean nullable;
    private final boolean preserving;
    private final boolean embedded;
    private final boolean intOrString;
    private final @Nullable Pattern pattern;

    private JsonSchema(ObjectNode source) {
        this.source = source;
        this.properties = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : source.path("properties").properties()) {
            if (property.getValue() instanceof ObjectNode schema) {
                properties.put(property.getKey(), of(schema));
            }
        }
        this.items = part("items");
        this.additional = part("additionalProperties");
        this.allOf = parts("allOf");
        this.anyOf = parts("anyOf");
        this.oneOf = parts("oneOf");
        this.not = part("not");
        this.type = source.path("type").asString("");
        this.format = source.path("format").asString("");
        this.enumeration = nodes("enum");
        this.required = nodes("required").stream().map(JsonNode::asString).toList();
        this.mapKeys = nodes("x-kubernetes-list-map-keys").stream()
                .map(JsonNode::asString)
                .toList();
        this.listType = switch (source.path("x-kubernetes-list-type").asString("")) {
            case "set" -> ListType.SET;
            case "map" -> ListType.MAP;
            default -> ListType.ATOMIC;
        };
        this.nullable = flag("nullable");
        this.preserving = flag("x-kubernetes-preserve-unknown-fields");
        this.embedded = flag("x-kubernetes-embedded-resource");
        this.intOrString = flag("x-kubernetes-int-or-string");
        String expression = source.path("pattern").asString("");
        this.pattern = expression.isEmpty() ? null : Pattern.of(expression);
    }

    public static JsonSchema of(ObjectNode source) {
        return new JsonSchema(source);
    }

    private @Nullable JsonSchema part(String field) {
        return source.get(field) instanceof ObjectNode schema ? of(schema) : null;
    }

    private List<JsonSchema> parts(String field) {
        List<JsonSchema> parts = new ArrayList<>();
        for (JsonNode node : source.path(field)) {
            if (node instanceof ObjectNode schema) {
                parts.add(of(schema));
            }
        }
        return List.copyOf(parts);
    }

    private List<JsonNode> nodes(String field) {
        return source.get(field) instanceof JsonNode list && list.isArray()
                ? list.valueStream().toList()
                : List.of();
    }

    private boolean flag(String field) {
        return source.path(field).asBoolean(false);
    }

    /** The schema as it was written. */
    public ObjectNode source() {
        return source;
    }

    public String type() {
        return type;
    }

    public String format() {
        return format;
    }

    public Map<String, JsonSchema> properties() {
        return properties;
    }

    public @Nullable JsonSchema items() {
        return items;
    }

    /** The schema of properties that are not declared; null also where they are merely allowed or forbidden. */
    public @Nullable JsonSchema additional() {
        return additional;
    }

    /** Whether additionalProperties is said at all, be it only true or false. */
    public boolean saysAdditional() {
        return source.has("additionalProperties")
                && !source.path("additionalProperties").isNull();
    }

    /** Whether additionalProperties is the word false. */
    public boolean forbidsAdditional() {
        JsonNode additionalProperties = source.path("additionalProperties");
        return additionalProperties.isBoolean() && !additionalProperties.booleanValue();
    }

    /** The schema of a property, declared or not; null when nothing is said about it. */
    public @Nullable JsonSchema property(String name) {
        JsonSchema declared = properties.get(name);
        return declared == null ? additional : declared;
    }

    public List<JsonSchema> allOf() {
        return allOf;
    }

    public List<JsonSchema> anyOf() {
        return anyOf;
    }

    public List<JsonSchema> oneOf() {
        return oneOf;
    }

    public @Nullable JsonSchema not() {
        return not;
    }

    public List<JsonNode> enumeration() {
        return enumeration;
    }

    public List<String> required() {
        return required;
    }

    public ListType listType() {
        return listType;
    }

    public List<String> mapKeys() {
        return mapKeys;
    }

    /** Whether server-side apply owns an object of this schema as a whole. */
    public boolean atomicMap() {
        return source.path("x-kubernetes-map-type").asString("").equals("atomic");
    }

    public boolean nullable() {
        return nullable;
    }

    /** Whether fields that are not declared are kept. */
    public boolean preserving() {
        return preserving;
    }

    /** Whether the value is itself an object of the API, with a type header and metadata. */
    public boolean embedded() {
        return embedded;
    }

    public boolean intOrString() {
        return intOrString;
    }

    public @Nullable Pattern pattern() {
        return pattern;
    }

    /** What the value is where it is left out; null for nothing. */
    public @Nullable JsonNode defaultValue() {
        JsonNode value = source.get("default");
        return value == null || value.isNull() ? null : value;
    }

    public boolean has(String field) {
        return source.has(field) && !source.path(field).isNull();
    }

    public double number(String field) {
        return source.path(field).asDouble(0);
    }

    public long limit(String field) {
        return source.path(field).asLong(0);
    }

    public boolean says(String field) {
        return flag(field);
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
