package io.quarterdeck.api.customresources.schema;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A value beside the one that it replaces. What did not change may stay, though a schema made later would refuse it.
 *
 * <p>Source: KEP-4008 (ratcheting); apiserver, pkg/cel/common/equality.
 *
 * @param old null when nothing stood there before
 */
record Correlation(JsonNode value, @Nullable JsonNode old, JsonSchema schema) {

    /** The order of what is told by keys is none of a value's. */
    boolean unchanged() {
        return old != null && (value.equals(old) || sameParts(old));
    }

    private boolean sameParts(JsonNode before) {
        if (value.size() != before.size() || value.isEmpty()) {
            return false;
        }
        if (value.isArray() && before.isArray() && schema.listType() == JsonSchema.ListType.MAP) {
            for (int i = 0; i < value.size(); i++) {
                Correlation item = item(i);
                if (item == null || !item.unchanged()) {
                    return false;
                }
            }
            return true;
        }
        return value.isObject()
                && before.isObject()
                && value.propertyNames().stream().allMatch(name -> sameField(name, before));
    }

    private boolean sameField(String name, JsonNode before) {
        Correlation field = before.has(name) ? field(name) : null;
        return field != null ? field.unchanged() : value.path(name).equals(before.path(name));
    }

    /** The value of a field; null when it cannot be told what it was before. */
    @Nullable Correlation field(String name) {
        if (old == null || !old.isObject() || !value.isObject()) {
            return null;
        }
        JsonSchema property = schema.property(name);
        return property == null || !value.has(name) ? null : new Correlation(value.get(name), old.get(name), property);
    }

    /** An element of a list; null unless the list is a map, whose elements are told by their keys. */
    @Nullable Correlation item(int i) {
        JsonSchema items = schema.items();
        if (old == null || !old.isArray() || items == null || schema.listType() != JsonSchema.ListType.MAP) {
            return null;
        }
        JsonNode element = value.get(i);
        List<JsonNode> keys = keys(element);
        for (JsonNode candidate : old) {
            if (keys(candidate).equals(keys)) {
                return new Correlation(element, candidate, items);
            }
        }
        return null;
    }

    private List<JsonNode> keys(JsonNode element) {
        List<JsonNode> keys = new ArrayList<>();
        schema.mapKeys().forEach(key -> keys.add(element.path(key)));
        return keys;
    }
}
