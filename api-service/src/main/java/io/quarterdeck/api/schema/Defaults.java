package io.quarterdeck.api.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills in what an object leaves out. The rules are data, kept per type under {@code defaults/}, and apply wherever the
 * type stands: a container's in every pod template. Thread-safe.
 */
public final class Defaults {

    private static final ObjectNode NONE = JsonNodeFactory.instance.objectNode();
    private static final List<String> FILES = List.of("core", "apps", "batch", "other");

    private final Map<String, List<Rule>> rules;
    private final Map<String, Consumer<ObjectNode>> computed;
    private final Map<String, JsonNode> declared;
    private final Map<ObjectSchema, Plan> plans = new ConcurrentHashMap<>();

    /** What there is to do in an object, so that the walk leaves the rest alone. */
    private record Plan(List<Rule> rules, @Nullable Consumer<ObjectNode> computed, List<Field> below) {}

    /** @param when the fields that must have one of the given values */
    private record Rule(Map<String, List<JsonNode>> when, ObjectNode set) {

        boolean applies(ObjectNode node) {
            for (Map.Entry<String, List<JsonNode>> condition : when.entrySet()) {
                JsonNode value = node.get(condition.getKey());
                if (value == null || !condition.getValue().contains(value)) {
                    return false;
                }
            }
            return true;
        }
    }

    private Defaults(
            Map<String, List<Rule>> rules, Map<String, Consumer<ObjectNode>> computed, Map<String, JsonNode> declared) {
        this.rules = rules;
        this.computed = computed;
        this.declared = declared;
    }

    /** The rules of Kubernetes' own kinds. Read on first use. */
    public static Defaults builtin() {
        return Builtin.DEFAULTS;
    }

    private static final class Builtin {
        static final Defaults DEFAULTS = readBuiltin();
    }

    private static Defaults readBuiltin() {
        Map<String, List<Rule>> rules = new HashMap<>();
        for (String file : FILES) {
            read(file).properties().forEach(entry -> {
                List<Rule> list = new ArrayList<>();
                entry.getValue().forEach(rule -> list.add(rule(rule)));
                rules.put(definition(entry.getKey()), list);
            });
        }
        Map<String, Consumer<ObjectNode>> computed = new HashMap<>();
        ComputedDefaults.BY_TYPE.forEach((type, rule) -> computed.put(definition(type), rule));
        Map<String, JsonNode> declared = new HashMap<>();
        read("declared").properties().forEach(entry -> declared.put(definition(entry.getKey()), entry.getValue()));
        return new Defaults(rules, computed, declared);
    }

    private static JsonNode read(String file) {
        try (InputStream in = Defaults.class.getResourceAsStream("defaults/" + file + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("missing resource defaults/" + file + ".yaml");
            }
            return YamlReader.read(in.readAllBytes()).tree();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read defaults/" + file + ".yaml", e);
        }
    }

    private static String definition(String name) {
        return name.startsWith("io.k8s.") ? name : "io.k8s.api." + name;
    }

    private static Rule rule(JsonNode node) {
        Map<String, List<JsonNode>> when = new HashMap<>();
        if (node.get("when") instanceof ObjectNode conditions) {
            conditions.properties().forEach(entry -> {
                List<JsonNode> values = new ArrayList<>();
                if (entry.getValue().isArray()) {
                    entry.getValue().forEach(values::add);
                } else {
                    values.add(entry.getValue());
                }
                when.put(entry.getKey(), values);
            });
        }
        return new Rule(when, (ObjectNode) node.get("set"));
    }

    /** Fills in a whole object or any part of one. */
    public void apply(ObjectNode tree, ObjectSchema schema) {
        object(tree, schema);
    }

    /**
     * What Go's types declare for a field that is left out, or have by themselves because it is always written; null where
     * a field can be absent.
     */
    public @Nullable JsonNode declared(ObjectSchema schema, String name) {
        JsonNode own = schema.constant(name);
        if (own != null) {
            return own;
        }
        JsonNode value = declared.getOrDefault(schema.name(), NONE).get(name);
        Field field = schema.field(name);
        if (value != null || field == null || field.pointer()) {
            return value;
        }
        JsonNode zero = zero(field.schema());
        return zero != null && (zero.isObject() || !field.omitEmpty()) ? zero : null;
    }

    /** What Go has where nothing is said; null for kinds without a value of that sort. */
    public static @Nullable JsonNode zero(Schema schema) {
        return switch (schema) {
            case ObjectSchema object -> NONE.deepCopy();
            case ScalarSchema scalar ->
                switch (scalar.kind()) {
                    case STRING -> JsonNodeFactory.instance.stringNode("");
                    case INT32, INT64, FLOAT -> JsonNodeFactory.instance.numberNode(0);
                    case BOOL -> JsonNodeFactory.instance.booleanNode(false);
                    default -> null;
                };
            default -> null;
        };
    }

    private void object(ObjectNode node, ObjectSchema schema) {
        Plan plan = plans.get(schema);
        if (plan == null) {
            plan = plan(schema);
            plans.put(schema, plan);
        }
        for (Rule rule : plan.rules) {
            if (rule.applies(node)) {
                fill(node, rule.set(), schema);
            }
        }
        if (plan.computed != null) {
            plan.computed.accept(node);
        }
        for (Field field : plan.below) {
            JsonNode value = node.get(field.name());
            if (value != null) {
                value(value, field.schema());
            }
        }
    }

    private Plan plan(ObjectSchema schema) {
        List<Field> below = new ArrayList<>();
        for (Field field : schema.fields()) {
            if (search(field.schema(), new HashSet<>())) {
                below.add(field);
            }
        }
        return new Plan(rules.getOrDefault(schema.name(), List.of()), computed.get(schema.name()), below);
    }

    private void value(JsonNode value, Schema schema) {
        switch (schema) {
            case ObjectSchema object -> {
                if (value instanceof ObjectNode node) {
                    object(node, object);
                }
            }
            case ListSchema list -> value.forEach(item -> value(item, list.items()));
            case MapSchema map -> {
                if (value instanceof ObjectNode node && ComputedDefaults.isResourceList(map)) {
                    ComputedDefaults.roundResources(node);
                }
                value.forEach(item -> value(item, map.values()));
            }
            case ScalarSchema scalar -> {}
        }
    }

    /** Sets what is absent; where both have an object, goes into it. */
    private static void fill(ObjectNode node, ObjectNode defaults, @Nullable Schema schema) {
        defaults.properties().forEach(entry -> {
            JsonNode present = node.get(entry.getKey());
            Field field = schema instanceof ObjectSchema object ? object.field(entry.getKey()) : null;
            if (isZero(present, field)) {
                node.set(entry.getKey(), entry.getValue().deepCopy());
            } else if (present instanceof ObjectNode child && entry.getValue() instanceof ObjectNode more) {
                fill(child, more, field == null ? null : field.schema());
            }
        });
    }

    private static boolean isZero(@Nullable JsonNode value, @Nullable Field field) {
        return value == null
                || value.isNull()
                || value.isString() && value.stringValue().isEmpty()
                || value.isNumber() && value.doubleValue() == 0 && field != null && !field.pointer();
    }

    /** Whether anything below has a rule. */
    private boolean search(@Nullable Schema schema, Set<Schema> seen) {
        return switch (schema) {
            case ObjectSchema object -> {
                if (rules.containsKey(object.name()) || computed.containsKey(object.name())) {
                    yield true;
                }
                if (!seen.add(object)) {
                    yield false;
                }
                for (Field field : object.fields()) {
                    if (search(field.schema(), seen)) {
                        yield true;
                    }
                }
                yield false;
            }
            case ListSchema list -> search(list.items(), seen);
            case MapSchema map -> ComputedDefaults.isResourceList(map) || search(map.values(), seen);
            case ScalarSchema scalar -> false;
            case null -> false;
        };
    }
}
