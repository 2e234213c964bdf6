package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.schema.Field;
import io.quarterdeck.api.schema.ListSchema;
import io.quarterdeck.api.schema.MapSchema;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Merges what an ApplyConfiguration says into an object: objects field by field, lists by their type. Pure.
 *
 * <p>Source: KEP-3962; structured-merge-diff, typed.
 */
final class ConfigurationMerge {

    private static final String UNDECLARED = ": field not declared in schema";

    private ConfigurationMerge() {}

    /** The places of {@code patch} that would replace a whole list, map or object. */
    static List<String> atomics(@Nullable Schema schema, JsonNode patch) {
        List<String> found = new ArrayList<>();
        atomics(schema, patch, "", found);
        return found;
    }

    private static void atomics(@Nullable Schema schema, JsonNode patch, String path, List<String> found) {
        if (patch.isObject()) {
            if ((schema instanceof ObjectSchema object && object.atomic())
                    || (schema instanceof MapSchema map && map.atomic())) {
                found.add(path);
            }
            patch.properties()
                    .forEach(entry -> atomics(
                            child(schema, entry.getKey()), entry.getValue(), path + "." + entry.getKey(), found));
        } else if (patch.isArray()) {
            if (!(schema instanceof ListSchema list) || list.type() == ListSchema.Type.ATOMIC) {
                found.add(path);
            } else {
                for (int i = 0; i < patch.size(); i++) {
                    atomics(list.items(), patch.get(i), path + "[" + i + "]", found);
                }
            }
        }
    }

    /** What the schema does not know, in upstream's words. */
    static List<String> unknown(@Nullable Schema schema, JsonNode patch) {
        List<String> found = new ArrayList<>();
        unknown(schema, patch, "", found);
        return found;
    }

    /** The paths in {@code object} of which the schema says nothing. */
    static List<String> undeclared(@Nullable Schema schema, JsonNode object) {
        return unknown(schema, object).stream()
                .filter(problem -> problem.endsWith(UNDECLARED))
                .map(problem -> problem.substring(1, problem.length() - UNDECLARED.length()))
                .toList();
    }

    private static void unknown(@Nullable Schema schema, JsonNode patch, String path, List<String> found) {
        boolean isList = schema instanceof ListSchema;
        boolean isMap = schema instanceof ObjectSchema || schema instanceof MapSchema;
        if (((isList && !patch.isArray()) || (isMap && !patch.isObject())) && !patch.isNull()) {
            found.add("%s: expected %s, got &{%s}"
                    .formatted(path, isList ? "list" : "map", patch.isValueNode() ? patch.asString() : patch));
            return;
        }
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            String at = path + "." + entry.getKey();
            if (schema instanceof ObjectSchema object && object.field(entry.getKey()) == null) {
                found.add(at + UNDECLARED);
            } else {
                unknown(child(schema, entry.getKey()), entry.getValue(), at, found);
            }
        }
        for (int i = 0; patch.isArray() && i < patch.size(); i++) {
            unknown(schema instanceof ListSchema list ? list.items() : null, patch.get(i), path + "[" + i + "]", found);
        }
    }

    private static @Nullable Schema child(@Nullable Schema schema, String name) {
        return switch (schema) {
            case ObjectSchema object -> {
                Field field = object.field(name);
                yield field == null ? null : field.schema();
            }
            case MapSchema map -> map.values();
            case null, default -> null;
        };
    }

    /** Changes {@code live} in place. */
    static void merge(@Nullable Schema schema, ObjectNode live, JsonNode patch) {
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            String name = entry.getKey();
            live.set(name, merged(child(schema, name), live.get(name), entry.getValue()));
        }
    }

    private static JsonNode merged(@Nullable Schema schema, @Nullable JsonNode live, JsonNode patch) {
        if (live instanceof ObjectNode object && patch.isObject()) {
            merge(schema, object, patch);
            return object;
        }
        if (live instanceof ArrayNode array && patch.isArray() && schema instanceof ListSchema list) {
            patch.forEach(element -> add(list, array, element));
            return array;
        }
        return patch;
    }

    private static void add(ListSchema list, ArrayNode live, JsonNode element) {
        for (int i = 0; i < live.size(); i++) {
            JsonNode present = live.get(i);
            boolean same = list.type() == ListSchema.Type.MAP
                    ? list.mapKeys().stream().allMatch(key -> sameKey(list, key, present, element))
                    : present.equals(element);
            if (same) {
                live.set(i, merged(list.items(), present, element));
                return;
            }
        }
        live.add(element);
    }

    /** A key that one side leaves out has its default, which the other side may have written. */
    private static boolean sameKey(ListSchema list, String key, JsonNode present, JsonNode element) {
        JsonNode mine = present.path(key);
        JsonNode theirs = element.path(key);
        return mine.equals(theirs)
                || (key.equals("protocol")
                        && list.mapKeys().size() > 1
                        && mine.asString("TCP").equals(theirs.asString("TCP")));
    }
}
