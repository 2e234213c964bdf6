package io.quarterdeck.api.customresources.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills in what an object leaves out, and drops the nulls that its schema does not allow. Works in place.
 *
 * <p>Source: apiextensions, pkg/apiserver/schema/defaulting.
 */
public final class Defaulting {

    private Defaulting() {}

    /** A null that is not allowed counts as left out: it is dropped here, or replaced later where there is a default. */
    public static void dropNulls(JsonNode value, @Nullable JsonSchema schema) {
        if (value instanceof ObjectNode object) {
            for (String name : List.copyOf(object.propertyNames())) {
                JsonSchema property = schema == null ? null : schema.property(name);
                JsonNode child = object.path(name);
                if (disallowedNull(child, property) && property != null && property.defaultValue() == null) {
                    object.remove(name);
                } else {
                    dropNulls(child, property);
                }
            }
        } else if (value instanceof ArrayNode list) {
            for (JsonNode item : list) {
                dropNulls(item, schema == null ? null : schema.items());
            }
        }
    }

    private static boolean disallowedNull(JsonNode value, @Nullable JsonSchema schema) {
        return value.isNull() && schema != null && !schema.nullable();
    }

    public static void apply(JsonNode value, @Nullable JsonSchema schema) {
        if (schema == null) {
            return;
        }
        if (value instanceof ObjectNode object) {
            for (Map.Entry<String, JsonSchema> property : schema.properties().entrySet()) {
                JsonNode filling = property.getValue().defaultValue();
                JsonNode present = object.get(property.getKey());
                if (filling != null && (present == null || disallowedNull(present, property.getValue()))) {
                    object.set(property.getKey(), filling.deepCopy());
                }
            }
            for (String name : List.copyOf(object.propertyNames())) {
                JsonSchema declared = schema.properties().get(name);
                if (declared != null) {
                    apply(object.path(name), declared);
                } else if (schema.additional() != null) {
                    if (disallowedNull(object.path(name), schema.additional())) {
                        object.set(name, filling(schema.additional()));
                    }
                    apply(object.path(name), schema.additional());
                }
            }
        } else if (value instanceof ArrayNode list) {
            JsonSchema items = schema.items();
            for (int i = 0; items != null && i < list.size(); i++) {
                if (disallowedNull(list.get(i), items)) {
                    list.set(i, filling(items));
                }
                apply(list.get(i), items);
            }
        }
    }

    private static JsonNode filling(JsonSchema schema) {
        JsonNode value = schema.defaultValue();
        return value == null ? JsonNodeFactory.instance.nullNode() : value.deepCopy();
    }
}
