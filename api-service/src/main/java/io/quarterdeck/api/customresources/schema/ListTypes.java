package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Elements of sets, and keys of maps, appear once. Source: apiextensions, pkg/apiserver/schema/listtype. */
public final class ListTypes {

    private ListTypes() {}

    public static List<FieldError> check(ObjectNode object, JsonSchema schema) {
        List<FieldError> findings = new ArrayList<>();
        object("", object, schema, findings);
        return findings;
    }

    private static void object(String path, ObjectNode object, JsonSchema schema, List<FieldError> findings) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            JsonSchema declared = schema.properties().get(field.getKey());
            if (schema.additional() != null) {
                value(path + "[" + field.getKey() + "]", field.getValue(), schema.additional(), findings);
            }
            if (declared != null) {
                value(Paths.child(path, field.getKey()), field.getValue(), declared, findings);
            }
        }
    }

    private static void value(String path, JsonNode value, @Nullable JsonSchema schema, List<FieldError> findings) {
        if (schema == null) {
            return;
        }
        if (value instanceof ObjectNode object) {
            object(path, object, schema, findings);
        } else if (value instanceof ArrayNode list) {
            switch (schema.listType()) {
                case SET -> unique(path, list.valueStream().toList(), findings);
                case MAP -> map(path, list, schema.mapKeys(), findings);
                case ATOMIC -> {}
            }
            for (int i = 0; i < list.size(); i++) {
                value(path + "[" + i + "]", list.get(i), schema.items(), findings);
            }
        }
    }

    private static void map(String path, ArrayNode list, List<String> keyFields, List<FieldError> findings) {
        List<JsonNode> keys = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            JsonNode item = list.get(i);
            if (!item.isObject() && !item.isNull()) {
                findings.add(new FieldError(
                        Reason.INVALID,
                        path + "[" + i + "]",
                        "Invalid value: %s: must be an object for an array of list-type map"
                                .formatted(Values.print(item))));
                return;
            }
            ObjectNode key = JsonNodeFactory.instance.objectNode();
            keyFields.stream().filter(item::has).forEach(field -> key.set(field, item.get(field)));
            keys.add(key);
        }
        unique(path, keys, findings);
    }

    /** The second appearance of a value is reported, further ones are not. */
    private static void unique(String path, List<JsonNode> values, List<FieldError> findings) {
        Map<JsonNode, Integer> seen = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            if (seen.merge(values.get(i), 1, Integer::sum) == 2) {
                findings.add(new FieldError(
                        Reason.DUPLICATE, path + "[" + i + "]", "Duplicate value: " + Values.print(values.get(i))));
            }
        }
    }
}
