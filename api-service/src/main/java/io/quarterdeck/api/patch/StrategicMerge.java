package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.Field;
import io.quarterdeck.api.schema.GoText;
import io.quarterdeck.api.schema.ListSchema;
import io.quarterdeck.api.schema.MapSchema;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.Schema;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Merges by the patch strategies and merge keys of a schema, with all directives. Both trees are used up: the original
 * becomes the result, the patch loses what was merged.
 *
 * <p>Source: Kubernetes' strategic merge patch (apimachinery, strategicpatch) and its error texts.
 */
final class StrategicMerge {

    private static final String DIRECTIVE = "$patch";
    private static final String RETAIN_KEYS = "$retainKeys";
    private static final String DELETE_PRIMITIVES = "$deleteFromPrimitiveList";
    private static final String ELEMENT_ORDER = "$setElementOrder";

    private StrategicMerge() {}

    /** How a field is merged. */
    private record Place(@Nullable Schema schema, boolean merges, boolean replaces, String mergeKey) {

        /** Upstream looks the types of nested objects and lists up in Go's structs, which say what they do not know. */
        static Place of(@Nullable Schema parent, String name) {
            return switch (parent) {
                case ObjectSchema object -> {
                    Field field = object.field(name);
                    if (field == null) {
                        throw failure("unable to find api field in struct %s for the json field \"%s\""
                                .formatted(object.goType().replaceFirst(".*\\.", ""), name));
                    }
                    yield new Place(
                            field.schema(),
                            field.patchStrategies().contains("merge"),
                            field.patchStrategies().contains("replace"),
                            field.patchMergeKey() == null ? "" : field.patchMergeKey());
                }
                case MapSchema map ->
                    throw failure("merging an object in json but data type is not struct, instead is: map");
                case null, default -> new Place(null, false, false, "");
            };
        }

        @Nullable Schema items() {
            return schema instanceof ListSchema list ? list.items() : null;
        }
    }

    static ObjectNode merge(ObjectNode original, ObjectNode patch, @Nullable Schema schema) {
        JsonNode directive = patch.get(DIRECTIVE);
        if (directive != null) {
            return switch (directive.isString() ? directive.stringValue() : "") {
                case "replace" -> {
                    patch.remove(DIRECTIVE);
                    yield patch;
                }
                case "delete" -> JsonNodeFactory.instance.objectNode();
                default -> throw failure(unknownDirective(directive, patch));
            };
        }
        retainKeys(original, patch);
        orderedLists(original, patch, schema);
        for (Map.Entry<String, JsonNode> entry : List.copyOf(patch.properties())) {
            String name = entry.getKey();
            boolean deletes = name.startsWith(DELETE_PRIMITIVES);
            if (deletes) {
                name = listName(name, DELETE_PRIMITIVES, "invalid patch format of primitive list");
            }
            field(original, name, entry.getValue(), deletes, schema);
        }
        return original;
    }

    private static void field(
            ObjectNode original, String name, JsonNode value, boolean deletes, @Nullable Schema schema) {
        if (value.isNull()) {
            original.remove(name);
            return;
        }
        JsonNode before = original.get(name);
        boolean alike = before != null
                && (before.isObject() ? value.isObject() : before.isArray() ? value.isArray() : !value.isContainer());
        if (!alike) {
            if (!deletes) {
                JsonNode added = added(value);
                if (added == null) {
                    original.remove(name);
                } else {
                    original.set(name, added);
                }
            }
            return;
        }
        switch (value) {
            case ObjectNode object -> {
                Place place = Place.of(schema, name);
                original.set(
                        name,
                        place.replaces()
                                ? object
                                : merge((ObjectNode) Objects.requireNonNull(before), object, place.schema()));
            }
            case ArrayNode array ->
                original.set(
                        name, list((ArrayNode) Objects.requireNonNull(before), array, Place.of(schema, name), deletes));
            default -> original.set(name, value);
        }
    }

    private static JsonNode list(ArrayNode original, ArrayNode patch, Place place, boolean deletes) {
        // What is to be deleted from a list is, however the list is merged otherwise.
        if (!place.merges() && !deletes) {
            return patch;
        }
        if (original.isEmpty() && patch.isEmpty()) {
            return original;
        }
        List<JsonNode> before = values(original);
        List<JsonNode> changes = values(patch);
        JsonNode sample = before.isEmpty() ? changes.getFirst() : before.getFirst();
        for (JsonNode item : changes) {
            if (item.isArray()) {
                throw new StatusException(422, "Invalid", "lists of lists are not supported", null);
            }
            if (!GoText.type(item).equals(GoText.type(sample))) {
                throw failure("list element types are not identical: [%s %s]"
                        .formatted(GoText.of(original), GoText.of(patch)));
            }
        }
        if (!sample.isObject()) {
            if (deletes) {
                before.removeIf(item -> position(changes, item, "") >= 0);
                return array(before);
            }
            List<JsonNode> merged = new ArrayList<>(before);
            merged.addAll(changes);
            List<JsonNode> distinct = new ArrayList<>();
            merged.stream().filter(item -> position(distinct, item, "") < 0).forEach(distinct::add);
            return array(ordered(distinct, changes, before, ""));
        }
        if (place.mergeKey().isEmpty()) {
            throw failure("cannot merge lists without merge key for "
                    + (place.items() == null ? "" : place.items().goType()));
        }
        return array(objects(before, changes, place));
    }

    private static List<JsonNode> objects(List<JsonNode> before, List<JsonNode> changes, Place place) {
        String key = place.mergeKey();
        boolean replace = false;
        List<JsonNode> plain = new ArrayList<>();
        for (JsonNode item : changes) {
            JsonNode directive = item.get(DIRECTIVE);
            if (directive == null) {
                plain.add(item);
                continue;
            }
            switch (directive.isString() ? directive.stringValue() : "") {
                case "delete" -> {
                    requireKey(item, key);
                    before.removeIf(candidate -> sameKey(candidate, item, key));
                }
                case "replace" -> replace = true;
                case "merge" -> throw failure("merging lists cannot yet be specified in the patch");
                default -> throw failure(unknownDirective(directive, item));
            }
        }
        if (replace) {
            return plain;
        }
        List<JsonNode> merged = new ArrayList<>(before);
        for (JsonNode item : plain) {
            requireKey(item, key);
            int at = position(merged, item, key);
            if (at >= 0) {
                ObjectNode result = merge((ObjectNode) merged.get(at), (ObjectNode) item.deepCopy(), place.items());
                merged.set(at, result);
            } else {
                // Upstream takes it as it is, with its nulls and directives.
                merged.add(item);
            }
        }
        return ordered(merged, plain, before, key);
    }

    /** Takes each {@code $setElementOrder} and the list it orders out of the patch and merges them together. */
    private static void orderedLists(ObjectNode original, ObjectNode patch, @Nullable Schema schema) {
        for (Map.Entry<String, JsonNode> entry : List.copyOf(patch.properties())) {
            if (!entry.getKey().startsWith(ELEMENT_ORDER)) {
                continue;
            }
            patch.remove(entry.getKey());
            String name = listName(entry.getKey(), ELEMENT_ORDER, "invalid patch format of setElementOrder list");
            ArrayNode order = requireList(entry.getValue());
            JsonNode before = original.get(name);
            JsonNode changes = patch.get(name);
            ArrayNode beforeList = before == null ? null : requireList(before);
            ArrayNode changeList = changes == null ? null : requireList(changes);
            Place place = Place.of(schema, name);
            if (place.schema() != null && place.items() == null) {
                throw failure("expected slice or array type, but got: struct");
            }
            if (changeList != null) {
                requireKeys(order, place.mergeKey(), "expected a map[string]interface {}, but received a %s");
                requireOrder(changeList, order, place.mergeKey());
            }
            List<JsonNode> server = beforeList == null ? List.of() : values(beforeList.deepCopy());
            JsonNode merged;
            if (changeList == null) {
                if (beforeList == null) {
                    continue;
                }
                merged = beforeList;
            } else if (beforeList == null) {
                merged = withoutDirectives(changeList);
            } else {
                merged = list(beforeList, changeList, place, false);
            }
            patch.remove(name);
            requireKeys(order, place.mergeKey(), "value for key 0 is not a map");
            if (merged instanceof ArrayNode array) {
                original.set(name, array(ordered(values(array), values(order), server, place.mergeKey())));
            }
        }
    }

    private static void requireKeys(ArrayNode order, String key, String otherwise) {
        if (key.isEmpty()) {
            return;
        }
        for (JsonNode item : order) {
            if (!item.isObject()) {
                throw failure(otherwise.formatted(GoText.type(item)));
            }
            requireKey(item, key);
        }
    }

    private static void requireOrder(ArrayNode changes, ArrayNode order, String key) {
        List<JsonNode> kept = values(changes);
        kept.removeIf(
                item -> item.isObject() && item.path(DIRECTIVE).asString("").equals("delete"));
        int at = 0;
        for (int i = 0; i < order.size() && at < kept.size(); i++) {
            if (sameKey(kept.get(at), order.get(i), key)) {
                at++;
            }
        }
        if (at < kept.size()) {
            throw failure("The order in patch list:\n%s\n doesn't match %s list:\n%s\n"
                    .formatted(GoText.of(changes), ELEMENT_ORDER, GoText.of(order)));
        }
    }

    /**
     * Brings merged items into the order of the patch; those that only the server has stay in the server's order, each
     * before the first patched one that it stood before.
     */
    private static List<JsonNode> ordered(
            List<JsonNode> merged, List<JsonNode> patchOrder, List<JsonNode> serverOrder, String key) {
        List<JsonNode> patched = new ArrayList<>();
        List<JsonNode> server = new ArrayList<>();
        for (JsonNode item : merged) {
            (position(patchOrder, item, key) >= 0 ? patched : server).add(item);
        }
        sort(patched, patchOrder, key);
        sort(server, serverOrder, key);
        List<JsonNode> result = new ArrayList<>(merged.size());
        int left = 0;
        int right = 0;
        while (left < server.size() || right < patched.size()) {
            boolean takeLeft;
            if (left == server.size()) {
                takeLeft = false;
            } else if (right == patched.size()) {
                takeLeft = true;
            } else {
                int leftAt = position(serverOrder, server.get(left), key);
                int rightAt = position(serverOrder, patched.get(right), key);
                takeLeft = leftAt >= 0 && rightAt >= 0 && leftAt < rightAt;
            }
            result.add(takeLeft ? server.get(left++) : patched.get(right++));
        }
        return result;
    }

    private static void sort(List<JsonNode> items, List<JsonNode> order, String key) {
        items.sort(Comparator.comparingInt(item -> position(order, item, key)));
    }

    private static int position(List<JsonNode> list, JsonNode wanted, String key) {
        for (int i = 0; i < list.size(); i++) {
            if (sameKey(list.get(i), wanted, key)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean sameKey(JsonNode left, JsonNode right, String key) {
        if (key.isEmpty() || !left.isObject() || !right.isObject()) {
            return same(left, right);
        }
        JsonNode leftKey = left.get(key);
        JsonNode rightKey = right.get(key);
        return leftKey != null && rightKey != null && same(leftKey, rightKey);
    }

    private static boolean same(JsonNode left, JsonNode right) {
        return left.isNumber() && right.isNumber()
                ? left.decimalValue().compareTo(right.decimalValue()) == 0
                : left.equals(right);
    }

    private static void retainKeys(ObjectNode original, ObjectNode patch) {
        JsonNode keys = patch.remove(RETAIN_KEYS);
        if (keys == null) {
            return;
        }
        if (!keys.isArray()) {
            throw StatusException.badRequest("invalid patch format of retainKeys");
        }
        Set<String> retained = new HashSet<>();
        keys.forEach(key -> retained.add(key.asString()));
        patch.properties().forEach(entry -> {
            String name = entry.getKey();
            boolean directive = name.startsWith(DELETE_PRIMITIVES) || name.startsWith(ELEMENT_ORDER);
            if (!entry.getValue().isNull() && !directive && !retained.contains(name)) {
                throw StatusException.badRequest("invalid patch format of retainKeys");
            }
        });
        original.retain(retained);
    }

    /** A value that is new to the object: nulls mean nothing there. Null when it is a directive itself. */
    private static @Nullable JsonNode added(JsonNode value) {
        dropNulls(value);
        return withoutDirectives(value);
    }

    private static void dropNulls(JsonNode value) {
        if (value instanceof ObjectNode object) {
            object.removeIf(JsonNode::isNull);
        }
        value.forEach(StrategicMerge::dropNulls);
    }

    /** Upstream takes out what {@code $patch} stands in, and leaves other directives to be told as unknown fields. */
    private static @Nullable JsonNode withoutDirectives(JsonNode value) {
        if (value.has(DIRECTIVE)) {
            return null;
        }
        switch (value) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> entry : List.copyOf(object.properties())) {
                    JsonNode child = withoutDirectives(entry.getValue());
                    if (child == null) {
                        object.remove(entry.getKey());
                    }
                }
            }
            case ArrayNode array -> array.removeIf(item -> withoutDirectives(item) == null);
            default -> {}
        }
        return value;
    }

    private static String listName(String directive, String prefix, String otherwise) {
        if (!directive.startsWith(prefix + "/")) {
            throw StatusException.badRequest(otherwise);
        }
        return directive.substring(prefix.length() + 1);
    }

    private static ArrayNode requireList(JsonNode node) {
        if (node instanceof ArrayNode array) {
            return array;
        }
        throw failure("expected a []interface {}, but received a %s"
                .formatted(node.isObject() ? "map[string]interface {}" : node.isString() ? "string" : "scalar"));
    }

    private static void requireKey(JsonNode item, String key) {
        if (!item.has(key)) {
            throw failure("map: %s does not contain declared merge key: %s".formatted(GoText.of(item), key));
        }
    }

    private static String unknownDirective(JsonNode directive, JsonNode map) {
        return "unknown patch type: %s in map: %s".formatted(GoText.asString(directive), GoText.of(map));
    }

    /** Upstream answers these with a bare 500. */
    private static StatusException failure(String message) {
        return new StatusException(500, "", message, null);
    }

    private static List<JsonNode> values(ArrayNode array) {
        List<JsonNode> values = new ArrayList<>(array.size());
        array.forEach(values::add);
        return values;
    }

    private static ArrayNode array(List<JsonNode> items) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode(items.size());
        array.addAll(items);
        return array;
    }
}
