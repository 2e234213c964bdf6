package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.Defaults;
import io.quarterdeck.api.schema.Field;
import io.quarterdeck.api.schema.GoText;
import io.quarterdeck.api.schema.ListSchema;
import io.quarterdeck.api.schema.MapSchema;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.ScalarSchema;
import io.quarterdeck.api.schema.Schema;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
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

        Comparison in(SettableFields settable) {
            return new Comparison(settable.of(added), settable.of(modified), settable.of(removed));
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
            if (schema instanceof ScalarSchema && left != null && right != null && !left.isNull() && !right.isNull()) {
                // What is an object on one side only has lost or got its fields besides.
                fieldsOf(left).forEach(name -> below(name, left.get(name), null, found));
                fieldsOf(right).forEach(name -> below(name, null, right.get(name), found));
            }
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

    private static Collection<String> fieldsOf(JsonNode node) {
        return node.isObject() ? node.propertyNames() : List.of();
    }

    private void below(String name, @Nullable JsonNode left, @Nullable JsonNode right, Comparison found) {
        path.add("f:" + name);
        compare(left, right, DEDUCED.values(), found);
        path.removeLast();
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
            return "v:" + FieldStep.json(item);
        }
        ObjectNode keys = NODES.objectNode();
        new TreeMap<>(Map.copyOf(keyValues(schema, item))).forEach(keys::set);
        return "k:" + FieldStep.json(keys);
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
            return Objects.requireNonNull(right == null ? left : right).deepCopy();
        }
        Shape shape = shape(schema, left, right);
        if (shape == Shape.LEAF
                || left.isNull()
                || blank(left) && blank(right)
                || !fits(shape, left)
                || !fits(shape, right)) {
            return right.deepCopy();
        }
        if (right.isNull()) {
            // A map or list of which nothing is stated stays as it is.
            return left.deepCopy();
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
            // What is there twice is merged with nothing.
            index.merge(step, item, (one, other) -> NODES.nullNode());
        }
        return index;
    }

    /** The value without the given fields; a map or list that loses all it has is empty. */
    JsonNode remove(JsonNode node, FieldSet fields, Schema schema) {
        Shape shape = shape(schema, node, null);
        if (shape == Shape.LEAF || !node.isContainer() || !fits(shape, node)) {
            return schema instanceof ScalarSchema && !node.isContainer() ? node : emptied(node);
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
            return left;
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
        return left;
    }

    private static JsonNode emptied(JsonNode node) {
        return node.isObject() ? NODES.objectNode() : node.isArray() ? NODES.arrayNode() : NODES.nullNode();
    }

    /**
     * What a set of fields is now, when its schema made one whole of what was owned piece by piece: who owned a piece owns
     * the whole. The other way round nothing changes.
     */
    static FieldSet reconcile(FieldSet fields, Schema schema) {
        List<List<String>> wholes = new ArrayList<>();
        reconcile(fields, schema, false, new ArrayList<>(), wholes);
        return wholes.isEmpty() ? fields : fields.without(wholes).union(FieldSet.of(wholes));
    }

    private static void reconcile(
            FieldSet fields, @Nullable Schema schema, boolean whole, List<String> path, List<List<String>> wholes) {
        boolean atomic = switch (schema) {
            case ObjectSchema object -> object.atomic();
            case MapSchema map -> map.atomic();
            case ListSchema list -> list.type() == ListSchema.Type.ATOMIC;
            case null, default -> false;
        };
        if (atomic) {
            if (!whole && (schema instanceof ListSchema || fields.size() > 0)) {
                wholes.add(List.copyOf(path));
            }
            return;
        }
        if (schema == null || schema instanceof ScalarSchema) {
            return;
        }
        Set<String> steps = new LinkedHashSet<>(fields.children().keySet());
        steps.addAll(fields.members());
        for (String step : steps) {
            FieldSet below = fields.below(step);
            path.add(step);
            reconcile(
                    below == null ? new FieldSet() : below,
                    FieldStep.descend(schema, step),
                    below == null,
                    path,
                    wholes);
            path.removeLast();
        }
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
                    findings.add(where + ": expected map, got &{" + GoText.of(node) + "}");
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
                    findings.add(where + ": expected map, got &{" + GoText.of(node) + "}");
                    return;
                }
                node.properties()
                        .forEach(entry ->
                                validate(where + "." + entry.getKey(), entry.getValue(), map.values(), findings));
            }
            case ListSchema list -> validateList(where, node, list, findings);
            case ScalarSchema scalar -> {
                String misfit = misfit(scalar, node);
                if (!misfit.isEmpty()) {
                    findings.add(where + ": expected " + misfit);
                }
            }
        }
    }

    private void validateList(String where, JsonNode node, ListSchema list, List<String> findings) {
        if (!node.isArray()) {
            findings.add(where + ": expected list, got &{" + GoText.of(node) + "}");
            return;
        }
        Set<String> seen = new HashSet<>();
        int position = 0;
        for (JsonNode item : node) {
            String at = where + "[" + position + "]";
            if (list.type() != ListSchema.Type.ATOMIC) {
                String misfit = list.type() == ListSchema.Type.MAP ? unkeyed(item, list) : unsettable(item);
                if (!misfit.isEmpty()) {
                    findings.add("%s: element %d: %s".formatted(where, position, misfit));
                    return;
                }
                String step = step(list, item);
                at = where + FieldStep.shown(step);
                if (!seen.add(step)) {
                    findings.add(where + ": duplicate entries for key " + FieldStep.shown(step));
                }
            }
            validate(at, item, list.items(), findings);
            position++;
        }
    }

    private String unkeyed(JsonNode item, ListSchema list) {
        if (item.isNull()) {
            return "associative list with keys may not have a null element";
        }
        if (!item.isObject()) {
            return "associative list with keys may not have non-map elements";
        }
        return keyValues(list, item).isEmpty()
                ? "associative list with keys has an element that omits all key fields %s (and doesn't have default values for any key fields)"
                        .formatted(
                                list.mapKeys().stream().map(GoQuote::quote).collect(Collectors.joining(" ", "[", "]")))
                : "";
    }

    private static String unsettable(JsonNode item) {
        return switch (item.getNodeType()) {
            case OBJECT -> "associative list without keys has an element that's a map type";
            case ARRAY -> "not supported: associative list with lists as elements";
            case NULL -> "associative list without keys has an element that's an explicit null";
            default -> "";
        };
    }

    /** What is wrong with a scalar, each kind in the words that upstream has for it; "" for nothing. */
    private static String misfit(ScalarSchema schema, JsonNode node) {
        return switch (schema.kind()) {
            case STRING, TIME, MICRO_TIME, BYTES ->
                node.isString() ? "" : "string, got &value.valueUnstructured{Value:%s}".formatted(GoText.syntax(node));
            case INT32, INT64, FLOAT -> node.isNumber() ? "" : "numeric (int or float), got " + GoText.type(node);
            case BOOL -> node.isBoolean() ? "" : "boolean, got &{" + GoText.of(node) + "}";
            case QUANTITY -> node.isContainer() ? "any scalar, got &{" + GoText.of(node) + "}" : "";
            default -> "";
        };
    }
}
