package io.quarterdeck.api.customresources.schema;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The schemas inside of a schema as it was written. */
public final class SchemaParts {

    private SchemaParts() {}

    /** Calls {@code each} with every direct part and the step that leads to it: {@code properties[a]}, {@code items}. */
    public static void each(ObjectNode schema, BiConsumer<String, ObjectNode> each) {
        for (String word : List.of("items", "additionalProperties", "additionalItems", "not")) {
            if (schema.get(word) instanceof ObjectNode part) {
                each.accept(word, part);
            }
        }
        for (String word : List.of("allOf", "anyOf", "oneOf", "items")) {
            JsonNode list = schema.path(word);
            for (int i = 0; list.isArray() && i < list.size(); i++) {
                if (list.get(i) instanceof ObjectNode part) {
                    each.accept(Paths.index(word, i), part);
                }
            }
        }
        for (String word : List.of("properties", "patternProperties", "definitions", "dependencies")) {
            schema.path(word).properties().forEach(entry -> {
                if (entry.getValue() instanceof ObjectNode part) {
                    each.accept(Paths.key(word, entry.getKey()), part);
                }
            });
        }
    }

    /** Whether the schema or any part of it, however deep, is such. */
    public static boolean any(JsonNode schema, Predicate<ObjectNode> such) {
        if (!(schema instanceof ObjectNode object)) {
            return false;
        }
        if (such.test(object)) {
            return true;
        }
        boolean[] found = {false};
        each(object, (step, part) -> found[0] = found[0] || any(part, such));
        return found[0];
    }
}
