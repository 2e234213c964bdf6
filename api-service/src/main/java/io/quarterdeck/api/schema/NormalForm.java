package io.quarterdeck.api.schema;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives a tree the form that Go's encoder would have printed: empty values that it leaves out are removed, those that it
 * always writes are added ({@code status: {}}, {@code lastProbeTime: null}). Idempotent; works in place.
 */
final class NormalForm {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Which empty lists and maps stay. */
    private enum Empties {
        ALL,
        ALWAYS_WRITTEN,
        NONE
    }

    private final Empties empties;

    private NormalForm(Empties empties) {
        this.empties = empties;
    }

    /** What a request said: an empty list or map is not yet nothing, as it is once written and read again. */
    static void applyToRequest(ObjectNode node, ObjectSchema schema) {
        new NormalForm(Empties.ALL).object(node, schema);
    }

    /** What Go's encoder would print of a request: an empty list that is always written is not yet null. */
    static void applyToWritten(ObjectNode node, ObjectSchema schema) {
        new NormalForm(Empties.ALWAYS_WRITTEN).object(node, schema);
    }

    /** Whether {@link #applyToWritten} would take something away that the request said: an empty list, a null. */
    static boolean saysMoreThanWritten(ObjectNode node, ObjectSchema schema) {
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            Field field = schema.field(property.getKey());
            JsonNode value = property.getValue();
            if (field != null
                    && (field.omitEmpty() && (value.isNull() || emptyCollection(value, field))
                            || anySaysMore(value, field.schema()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean emptyCollection(JsonNode value, Field field) {
        return value.isEmpty() && (field.schema() instanceof ListSchema || field.schema() instanceof MapSchema);
    }

    private static boolean anySaysMore(JsonNode value, Schema schema) {
        return switch (schema) {
            case ObjectSchema object -> value instanceof ObjectNode node && saysMoreThanWritten(node, object);
            case MapSchema map -> value.valueStream().anyMatch(child -> anySaysMore(child, map.values()));
            case ListSchema list -> value.valueStream().anyMatch(child -> anySaysMore(child, list.items()));
            case ScalarSchema scalar -> false;
        };
    }

    static void apply(ObjectNode node, ObjectSchema schema) {
        new NormalForm(Empties.NONE).object(node, schema);
    }

    private void object(ObjectNode node, ObjectSchema schema) {
        for (Field field : schema.fields()) {
            JsonNode value = node.get(field.name());
            if (value == null) {
                if (standsAlways(field)) {
                    absent(node, field, false);
                }
                continue;
            }
            if (value.isNull()) {
                absent(node, field, true);
                continue;
            }
            if (present(value, field) || field.pointer() && !(value instanceof ArrayNode)) {
                continue;
            }
            node.remove(field.name());
            absent(node, field, false);
        }
    }

    /** Whether Go writes the field when nothing was said. */
    private static boolean standsAlways(Field field) {
        if (field.pointer()) {
            return !field.omitEmpty();
        }
        if (field.omitZero()) {
            return false;
        }
        return switch (field.schema()) {
            case ObjectSchema object -> true;
            case ScalarSchema scalar -> scalar.isStruct() || !field.omitEmpty();
            case ListSchema list -> !field.omitEmpty();
            case MapSchema map -> !field.omitEmpty();
        };
    }

    /** Brings the value into form and says whether it differs from Go's zero. */
    private boolean present(JsonNode value, Field field) {
        return switch (field.schema()) {
            case ObjectSchema object -> {
                if (value instanceof ObjectNode child) {
                    object(child, object);
                }
                yield !field.omitZero() || !value.isEmpty();
            }
            case MapSchema map -> {
                children(value, map.values());
                yield !value.isEmpty() || keeps(field);
            }
            case ListSchema list -> {
                children(value, list.items());
                yield !value.isEmpty() || keeps(field);
            }
            case ScalarSchema scalar ->
                switch (scalar.kind()) {
                    case STRING, BYTES ->
                        !value.isString() || !value.stringValue().isEmpty();
                    case INT32, INT64, FLOAT -> !value.isNumber() || value.doubleValue() != 0;
                    case BOOL -> !value.isBoolean() || value.booleanValue();
                    case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> {
                        union(value, scalar);
                        yield true;
                    }
                    default -> true;
                };
        };
    }

    private boolean keeps(Field field) {
        return switch (empties) {
            case ALL -> true;
            case ALWAYS_WRITTEN -> !field.omitEmpty();
            case NONE -> false;
        };
    }

    private void children(JsonNode container, Schema schema) {
        switch (schema) {
            case ObjectSchema object -> {
                for (JsonNode child : container) {
                    if (child instanceof ObjectNode node) {
                        object(node, object);
                    }
                }
            }
            case MapSchema map -> container.forEach(child -> children(child, map.values()));
            case ListSchema list -> container.forEach(child -> children(child, list.items()));
            case ScalarSchema scalar -> {
                if (scalar.nested() != null) {
                    container.forEach(child -> union(child, scalar));
                }
            }
        }
    }

    private void union(JsonNode value, ScalarSchema schema) {
        ObjectSchema nested = schema.nested();
        if (nested == null) {
            return;
        }
        if (value instanceof ObjectNode child) {
            object(child, nested);
        } else {
            children(value, nested);
        }
    }

    private void absent(ObjectNode node, Field field, boolean isNull) {
        String name = field.name();
        if (field.pointer()) {
            if (field.omitEmpty()) {
                if (isNull) {
                    node.remove(name);
                }
            } else {
                node.putNull(name);
            }
            return;
        }
        if (field.omitZero()) {
            node.remove(name);
            return;
        }
        switch (field.schema()) {
            case ObjectSchema object -> {
                ObjectNode empty = NODES.objectNode();
                object(empty, object);
                node.set(name, empty);
            }
            case ScalarSchema scalar
            when scalar.isStruct() || !field.omitEmpty() -> node.set(name, TreeReader.zero(scalar));
            case ScalarSchema scalar -> node.remove(name);
            case ListSchema list -> nullUnlessOmitted(node, field);
            case MapSchema map -> nullUnlessOmitted(node, field);
        }
    }

    private static void nullUnlessOmitted(ObjectNode node, Field field) {
        if (field.omitEmpty()) {
            node.remove(field.name());
        } else {
            node.putNull(field.name());
        }
    }
}
