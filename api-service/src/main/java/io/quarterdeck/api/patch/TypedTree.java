package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.CanonicalJson;
import io.quarterdeck.api.schema.Defaults;
import io.quarterdeck.api.schema.Field;
import io.quarterdeck.api.schema.ListSchema;
import io.quarterdeck.api.schema.MapSchema;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.ScalarSchema;
import io.quarterdeck.api.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares, merges and cuts trees by what their schema says of lists and maps: granular or as a whole.
 *
 * <p>Source: structured-merge-diff, typed.
 */
final class TypedTree {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Stands for values that say themselves what they are: objects are granular, lists are not. */
    private static final MapSchema DEDUCED =
            new MapSchema(new ScalarSchema(ScalarSchema.Kind.ANY, "", null), false, "");

    private final Defaults defaults;
    private final List<String> path = new ArrayList<>();

    TypedTree(Defaults defaults) {
        this.defaults = defaults;
    }

    /** What differs between two states. */
    record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {

        Comparison without(Iterable<List<String>> paths) {
            return new Comparison(added.without(paths), modified.without(paths), removed.without(paths));
        }
    }

    /** An applied configuration does not fit its schema; messages as upstream's, one for each finding. */
    static final class Misfit extends RuntimeException {
        Misfit(List<String> findings) {
            super(
                    findings.size() == 1
                            ? findings.getFirst()
                            : "errors:\n"
                                    + String.join(
                                            "\n",
                                            findings.stream()
                                                    .map(text -> "  " + text)
                                                    .toList()),
                    null,
                    false,
                    false);
        }
    }

    private enum Shape {
        LEAF,
        MAP,
        LIST
    }

    private static Shape shape(Schema schema, @Nullable JsonNode one, @Nullable JsonNode other) {
        return switch (schema) {
            case ObjectSchema object -> object.atomic() ? Shape.LEAF : Shape.MAP;
            case MapSchema map -> map.atomic() ? Shape.LEAF : Shape.MAP;
            case ListSchema list -> list.type() == ListSchema.Type.ATOMIC ? Shape.LEAF : Shape.LIST;
            case ScalarSchema scalar -> isDeduced(scalar) && (isMap(one) || isMap(other)) ? Shape.MAP : Shape.LEAF;
        };
    }

    private static boolean isDeduced(ScalarSchema scalar) {
        return switch (scalar.kind()) {
            case ANY, SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> true;
            default -> false;
        };
    }

    private static boolean isMap(@Nullable JsonNode node) {
        return node != null && node.isObject();
    }

    private static boolean blank(@Nullable JsonNode node) {
        return node == null || node.isNull() || node.isEmpty();
    }

    private static Schema child(Schema schema, String name) {
        return switch (schema) {
            case ObjectSchema object -> {
                Field field = object.field(name);
                yield field == null ? DEDUCED.values() : field.schema();
            }
            case MapSchema map -> map.values();
            default -> DEDUCED.values();
        };
    }

    Comparison compare(ObjectNode left, ObjectNode right, ObjectSchema schema) {
        Comparison comparison = new Comparison(new FieldSet(), new FieldSet(), new FieldSet());
        compare(left, right, schema, comparison);
        return comparison;
    }

    private void compare(@Nullable JsonNode left, @Nullable JsonNode right, Schema schema, Comparison found) {
        if (left != null && right != null && same(left, right)) {
            // Most of an object stays as it is: what is equal needs no steps.
            return;
        }
        Shape shape = shape(schema, left, right);
        if (shape == Shape.LEAF || blank(left) && blank(right) || !fits(shape, left) || !fits(shape, right)) {
            leaf(left, right, found);
            return;
        }
        if (shape == Shape.MAP) {
            Set<String> names = new LinkedHashSet<>();
            if (left != null) {
                names.addAll(left.propertyNames());
            }
            if (right != null) {
                names.addAll(right.propertyNames());
            }
            for (String name : names) {
                path.add("f:" + name);
                compare(get(left, name), get(right, name), child(schema, name), found);
                path.removeLast();
            }
        } else {
            items(left, right, (ListSchema) schema, found);
        }
        if (left == null) {
            found.added().insert(path);
        } else if (right == null) {
            found.removed().insert(path);
        }
    }

    private static boolean fits(Shape shape, @Nullable JsonNode node) {
        return node == null || node.isNull() || (shape == Shape.MAP ? node.isObject() : node.isArray());
    }

    private static @Nullable JsonNode get(@Nullable JsonNode node, String name) {
        return node == null ? null : node.get(name);
    }

    private void leaf(@Nullable JsonNode left, @Nullable JsonNode right, Comparison found) {
        if (left == null) {
            found.added().insert(path);
        } else if (right == null) {
            found.removed().insert(path);
        } else if (!same(left, right)) {
            found.modified().insert(path);
        }
    }

    static boolean same(JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            if (left.isInt() && right.isInt()) {
                return left.intValue() == right.intValue();
            }
            return left.decimalValue().compareTo(right.decimalValue()) == 0;
        }
        if (left.isArray() && right.isArray() && left.size() == right.size()) {
            for (int i = 0; i < left.size(); i++) {
                if (!same(left.get(i), right.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (left.isObject() && right.isObject() && left.size() == right.size()) {
            for (Map.Entry<String, JsonNode> entry : left.properties()) {
                JsonNode other = right.get(entry.getKey());
                if (other == null || !same(entry.getValue(), other)) {
                    return false;
                }
            }
            return true;
        }
        return left.equals(right);
    }

    private void items(@Nullable JsonNode left, @Nullable JsonNode right, ListSchema schema, Comparison found) {
        Map<String, List<JsonNode>> lefts = byStep(left, schema);
        Map<String, List<JsonNode>> rights = byStep(right, schema);
        Set<String> steps = new LinkedHashSet<>(lefts.keySet());
        steps.addAll(rights.keySet());
        for (String step : steps) {
            List<JsonNode> before = lefts.getOrDefault(step, List.of());
            List<JsonNode> after = rights.getOrDefault(step, List.of());
            path.add(step);
            if (before.size() <= 1 && after.size() <= 1) {
                compare(
                        before.isEmpty() ? null : before.getFirst(),
                        after.isEmpty() ? null : after.getFirst(),
                        schema.items(),
                        found);
            } else if (before.size() >= 2 && after.size() >= 2) {
                if (!before.equals(after)) {
                    found.modified().insert(path);
                }
            } else if (before.size() >= 2) {
                if (!after.isEmpty()) {
                    compare(null, after.getFirst(), schema.items(), found);
                }
                found.removed().insert(path);
            } else {
                if (!before.isEmpty()) {
                    compare(before.getFirst(), null, schema.items(), found);
                }
                found.added().insert(path);
            }
            path.removeLast();
        }
    }

    private Map<String, List<JsonNode>> byStep(@Nullable JsonNode list, ListSchema schema) {
        Map<String, List<JsonNode>> byStep = new LinkedHashMap<>();
        if (list != null) {
            list.forEach(item -> byStep.computeIfAbsent(step(schema, item), step -> new ArrayList<>())
                    .add(item));
        }
        return byStep;
    }

    /** The step that leads to an element of a set or map list. */
    private String step(ListSchema schema, JsonNode item) {
        if (schema.type() == ListSchema.Type.SET) {
            return "v:" + json(item);
        }
        ObjectNode keys = NODES.objectNode();
        new TreeMap<>(Map.copyOf(keyValues(schema, item))).forEach(keys::set);
        return "k:" + json(keys);
    }

    private Map<String, JsonNode> keyValues(ListSchema schema, JsonNode item) {
        Map<String, JsonNode> values = new HashMap<>();
        for (String key : schema.mapKeys()) {
            JsonNode value = item.get(key);
            if (value == null && schema.items() instanceof ObjectSchema object) {
                value = defaults.declared(object, key);
            }
            if (value != null) {
                values.put(key, value);
            }
        }
        return values;
    }

    private static String json(JsonNode node) {
        return new String(CanonicalJson.bytes(node), StandardCharsets.UTF_8);
    }

    /** Every field that a tree states. */
    FieldSet fields(ObjectNode tree, ObjectSchema schema) {
        FieldSet set = new FieldSet();
        collect(tree, schema, set);
        return set;
    }

    private void collect(JsonNode node, Schema schema, FieldSet set) {
        Shape shape = shape(schema, node, null);
        if (shape == Shape.LEAF || !fits(shape, node)) {
            set.insert(path);
            return;
        }
        if (shape == Shape.LIST) {
            ListSchema list = (ListSchema) schema;
            for (JsonNode item : node) {
                path.add(step(list, item));
                collect(item, list.items(), set);
                set.insert(path);
                path.removeLast();
            }
            return;
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            path.add("f:" + entry.getKey());
            JsonNode value = entry.getValue();
            collect(value, child(schema, entry.getKey()), set);
            boolean declared = schema instanceof ObjectSchema object && object.field(entry.getKey()) != null;
            if (value.isNull() || value.isObject() && value.isEmpty() || !declared) {
                set.insert(path);
            }
            path.removeLast();
        }
    }

    /** {@code left} with everything that {@code right} states. */
    JsonNode merge(@Nullable JsonNode left, @Nullable JsonNode right, Schema schema) {
        if (right == null || left == null) {
            return java.util.Objects.requireNonNull(right == null ? left : right)
                    .deepCopy();
        }
        Shape shape = shape(schema, left, right);
        if (shape == Shape.LEAF || right.isNull() || !fits(shape, left) || !fits(shape, right) || left.isNull()) {
            return right.deepCopy();
        }
        if (shape == Shape.MAP) {
            ObjectNode merged = NODES.objectNode();
            left.properties()
                    .forEach(entry -> merged.set(
                            entry.getKey(),
                            merge(entry.getValue(), right.get(entry.getKey()), child(schema, entry.getKey()))));
            right.properties().forEach(entry -> {
                if (!merged.has(entry.getKey())) {
                    merged.set(entry.getKey(), entry.getValue().deepCopy());
                }
            });
            return merged;
        }
        return mergeItems(left, right, (ListSchema) schema);
    }

    /** Keeps the applied order among applied items, and lets the others stay where they were between them. */
    private ArrayNode mergeItems(JsonNode left, JsonNode right, ListSchema schema) {
        List<String> leftSteps = new ArrayList<>();
        List<String> rightSteps = new ArrayList<>();
        Map<String, JsonNode> lefts = index(left, schema, leftSteps);
        Map<String, JsonNode> rights = index(right, schema, rightSteps);
        List<String> shared = new ArrayList<>();
        rightSteps.stream().filter(leftSteps::contains).forEach(shared::add);
        int nextShared = 0;
        Set<String> merged = new HashSet<>();
        ArrayNode out = NODES.arrayNode();
        int l = 0;
        int r = 0;
        while (l < leftSteps.size() || r < rightSteps.size()) {
            if (l < leftSteps.size() && r < rightSteps.size()) {
                String step = leftSteps.get(l);
                if (step.equals(rightSteps.get(r))) {
                    merged.add(step);
                    out.add(merge(lefts.get(step), rights.get(step), schema.items()));
                    l++;
                    r++;
                    nextShared++;
                    continue;
                }
                if (rights.containsKey(step)
                        && nextShared < shared.size()
                        && !shared.get(nextShared).equals(step)) {
                    l++;
                    continue;
                }
            }
            if (l < leftSteps.size()) {
                String step = leftSteps.get(l);
                if (!rights.containsKey(step)) {
                    out.add(left.get(l).deepCopy());
                    l++;
                    continue;
                }
                if (merged.contains(step)) {
                    l++;
                }
            }
            if (r < rightSteps.size()) {
                String step = rightSteps.get(r);
                merged.add(step);
                out.add(merge(lefts.get(step), rights.get(step), schema.items()));
                r++;
                if (nextShared < shared.size() && shared.get(nextShared).equals(step)) {
                    nextShared++;
                }
            }
        }
        return out;
    }

    private Map<String, JsonNode> index(JsonNode list, ListSchema schema, List<String> steps) {
        Map<String, JsonNode> index = new HashMap<>();
        for (JsonNode item : list) {
            String step = step(schema, item);
            steps.add(step);
            index.putIfAbsent(step, item);
        }
        return index;
    }

    /** The value without the given fields; null when nothing is left of a map or list. */
    JsonNode remove(JsonNode node, FieldSet fields, Schema schema) {
        Shape shape = shape(schema, node, null);
        if (shape == Shape.LEAF || !node.isContainer() || !fits(shape, node)) {
            return schema instanceof ScalarSchema && !node.isContainer() ? node : NODES.nullNode();
        }
        if (shape == Shape.LIST) {
            ListSchema list = (ListSchema) schema;
            ArrayNode left = NODES.arrayNode();
            for (JsonNode item : node) {
                String step = step(list, item);
                if (!fields.has(step)) {
                    FieldSet below = fields.below(step);
                    left.add(below == null ? item : remove(item, below, list.items()));
                }
            }
            return left.isEmpty() ? NODES.nullNode() : left;
        }
        ObjectNode left = NODES.objectNode();
        node.properties().forEach(entry -> {
            String step = "f:" + entry.getKey();
            if (!fields.has(step)) {
                FieldSet below = fields.below(step);
                left.set(
                        entry.getKey(),
                        below == null
                                ? entry.getValue()
                                : remove(entry.getValue(), below, child(schema, entry.getKey())));
            }
        });
        return left.isEmpty() ? NODES.nullNode() : left;
    }

    /**
     * Judges an applied configuration.
     *
     * @throws Misfit when it has undeclared fields, values of another type or elements that repeat a key
     */
    void validate(ObjectNode tree, ObjectSchema schema) {
        List<String> findings = new ArrayList<>();
        validate("", tree, schema, findings);
        if (!findings.isEmpty()) {
            Collections.sort(findings);
            throw new Misfit(findings);
        }
    }

    private void validate(String where, JsonNode node, Schema schema, List<String> findings) {
        if (node.isNull()) {
            return;
        }
        switch (schema) {
            case ObjectSchema object -> {
                if (!node.isObject()) {
                    findings.add(where + ": expected map, got " + shown(node));
                    return;
                }
                node.properties().forEach(entry -> {
                    Field field = object.field(entry.getKey());
                    String at = where + "." + entry.getKey();
                    if (field != null) {
                        validate(at, entry.getValue(), field.schema(), findings);
                    } else if (!object.preservesUnknownFields()) {
                        findings.add(at + ": field not declared in schema");
                    }
                });
            }
            case MapSchema map -> {
                if (!node.isObject()) {
                    findings.add(where + ": expected map, got " + shown(node));
                    return;
                }
                node.properties()
                        .forEach(entry ->
                                validate(where + "." + entry.getKey(), entry.getValue(), map.values(), findings));
            }
            case ListSchema list -> validateList(where, node, list, findings);
            case ScalarSchema scalar -> {
                String expected = expected(scalar, node);
                if (!expected.isEmpty()) {
                    findings.add("%s: expected %s, got %s".formatted(where, expected, shown(node)));
                }
            }
        }
    }

    private void validateList(String where, JsonNode node, ListSchema list, List<String> findings) {
        if (!node.isArray()) {
            findings.add(where + ": expected list, got " + shown(node));
            return;
        }
        Set<String> seen = new HashSet<>();
        int position = 0;
        for (JsonNode item : node) {
            String at = where + "[" + position + "]";
            if (list.type() != ListSchema.Type.ATOMIC) {
                boolean keyed = list.type() == ListSchema.Type.MAP;
                if (keyed && keyValues(list, item).size() < list.mapKeys().size()) {
                    String missing = list.mapKeys().stream()
                            .filter(key -> !keyValues(list, item).containsKey(key))
                            .findFirst()
                            .orElseThrow();
                    findings.add(
                            "%s: element %d: associative list with keys has an element that omits key field \"%s\" (and doesn't have default value)"
                                    .formatted(where, position, missing));
                    position++;
                    continue;
                }
                String step = step(list, item);
                at = where + FieldSet.shown(step);
                if (!seen.add(step)) {
                    findings.add(where + ": duplicate entries for key " + FieldSet.shown(step));
                }
            }
            validate(at, item, list.items(), findings);
            position++;
        }
    }

    private static String expected(ScalarSchema schema, JsonNode node) {
        return switch (schema.kind()) {
            case STRING, TIME, MICRO_TIME, BYTES -> node.isString() ? "" : "string";
            case INT32, INT64, FLOAT -> node.isNumber() ? "" : "numeric (int or float)";
            case BOOL -> node.isBoolean() ? "" : "boolean";
            default -> "";
        };
    }

    private static String shown(JsonNode node) {
        return "&value.valueUnstructured{Value:%s}"
                .formatted(node.isString() ? "\"" + node.stringValue() + "\"" : GoText.of(node));
    }
}
