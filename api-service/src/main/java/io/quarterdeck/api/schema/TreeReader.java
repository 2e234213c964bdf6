package io.quarterdeck.api.schema;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.Quantity;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads tokens into a tree by a schema, in one pass: unknown fields are left out and reported, values are judged and
 * brought into canonical form, nulls vanish as in Go. One reader serves one document.
 *
 * <p>Source: the behaviour of sigs.k8s.io/json, which upstream decodes with. A wrong type is remembered and reading goes
 * on; what a type with its own decoder refuses ends it at once.
 */
final class TreeReader {

    private static final int MOST_FINDINGS = 100;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonParser parser;
    private final Set<String> findings = new LinkedHashSet<>();
    /** Field names, map keys and list positions down to the current value; positions are kept as negatives. */
    private @Nullable String[] path = new String[32];

    private int[] positions = new int[32];
    private int depth;
    private @Nullable ObjectSchema struct;
    private @Nullable String typeError;
    private int quiet;
    private boolean reportsAnyDuplicates;

    /** Decoding ends here, with Go's text. */
    static final class Refused extends RuntimeException {
        Refused(String message) {
            super(message, null, false, false);
        }
    }

    private static final int FIELD = -1;
    private static final int KEY = -2;

    TreeReader(JsonParser parser) {
        this.parser = parser;
    }

    Set<String> findings() {
        return findings;
    }

    /**
     * Reads the value at the current token, an object.
     *
     * @throws Refused with Go's text when a value is not of its type
     */
    ObjectNode read(ObjectSchema schema) {
        ObjectNode node = NODES.objectNode();
        object(schema, node);
        if (typeError != null) {
            throw new Refused(typeError);
        }
        return node;
    }

    /** Reads the value at the current token by no schema and reports the keys that its objects repeat. */
    JsonNode readAny() {
        reportsAnyDuplicates = true;
        return any();
    }

    private void object(ObjectSchema schema, ObjectNode into) {
        Set<String> seen = null;
        // What an earlier object under the same name left is overwritten, not repeated.
        Set<String> earlier = into.isEmpty() ? Set.of() : new HashSet<>(into.propertyNames());
        ObjectSchema outer = struct;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            Field field = schema.field(name);
            if (field == null) {
                parser.nextToken();
                if (schema.preservesUnknownFields()) {
                    into.set(name, any());
                } else {
                    find("unknown field", name);
                    parser.skipChildren();
                }
                continue;
            }
            boolean overwrites = !earlier.isEmpty() && earlier.remove(name);
            if (into.has(name) && !overwrites || seen != null && seen.contains(name)) {
                find("duplicate field", name);
            }
            push(name, FIELD);
            struct = schema;
            parser.nextToken();
            JsonNode value = value(field.schema(), into.get(name));
            if (value != null) {
                into.set(name, value);
            } else {
                seen = seen == null ? new HashSet<>() : seen;
                seen.add(name);
            }
            depth--;
        }
        struct = outer;
    }

    /** The value at the current token; null when Go would leave the field as it is. */
    private @Nullable JsonNode value(Schema schema, @Nullable JsonNode before) {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        return switch (schema) {
            case ObjectSchema object -> {
                if (token != JsonToken.START_OBJECT) {
                    yield mistyped(object.goType());
                }
                ObjectNode node = before instanceof ObjectNode known ? known : NODES.objectNode();
                object(object, node);
                yield node;
            }
            case MapSchema map -> token == JsonToken.START_OBJECT ? map(map, before) : mistyped(map.goType());
            case ListSchema list -> token == JsonToken.START_ARRAY ? list(list) : mistyped(list.goType());
            case ScalarSchema scalar -> scalar(scalar, token);
        };
    }

    private JsonNode map(MapSchema schema, @Nullable JsonNode before) {
        ObjectNode node = before instanceof ObjectNode known ? known : NODES.objectNode();
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            if (!seen.add(key)) {
                find("duplicate field", key);
            }
            push(key, KEY);
            parser.nextToken();
            JsonNode value = value(schema.values(), null);
            node.set(key, value == null ? entry(schema.values()) : value);
            depth--;
        }
        return node;
    }

    private static JsonNode entry(Schema schema) {
        boolean bytes = schema instanceof ScalarSchema scalar && scalar.kind() == ScalarSchema.Kind.BYTES;
        return bytes ? NODES.stringNode("") : zero(schema);
    }

    private JsonNode list(ListSchema schema) {
        ArrayNode node = NODES.arrayNode();
        int position = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            push(null, position++);
            JsonNode value = value(schema.items(), null);
            node.add(value == null ? zero(schema.items()) : value);
            depth--;
        }
        return node;
    }

    /** What a null becomes where a value has to stand. */
    static JsonNode zero(Schema schema) {
        return switch (schema) {
            case ObjectSchema object -> NODES.objectNode();
            case MapSchema map -> NODES.nullNode();
            case ListSchema list -> NODES.nullNode();
            case ScalarSchema scalar ->
                switch (scalar.kind()) {
                    case STRING -> NODES.stringNode("");
                    case QUANTITY -> NODES.stringNode("0");
                    case INT32, INT64, FLOAT, INT_OR_STRING -> NODES.numberNode(0);
                    case BOOL -> NODES.booleanNode(false);
                    default -> NODES.nullNode();
                };
        };
    }

    private @Nullable JsonNode scalar(ScalarSchema schema, JsonToken token) {
        return switch (schema.kind()) {
            case STRING ->
                token == JsonToken.VALUE_STRING ? NODES.stringNode(parser.getString()) : mistyped(schema.goType());
            case BOOL ->
                token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE
                        ? NODES.booleanNode(token == JsonToken.VALUE_TRUE)
                        : mistyped(schema.goType());
            case INT32, INT64 -> integer(schema, token);
            case FLOAT -> floating(schema, token);
            case BYTES -> bytes(schema, token);
            case TIME, MICRO_TIME -> time(schema, token);
            case INT_OR_STRING -> {
                if (token == JsonToken.VALUE_STRING) {
                    yield NODES.stringNode(parser.getString());
                }
                JsonNode number = token.isNumeric() ? integerIn(Integer.MIN_VALUE, Integer.MAX_VALUE) : null;
                if (number == null) {
                    throw new Refused(typeErrorText(token.isNumeric() ? numberText() : word(token), "int32"));
                }
                yield number;
            }
            case QUANTITY -> quantity(token);
            case FIELDS_V1, RAW_EXTENSION, ANY -> any();
            case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> union(schema, token);
        };
    }

    private @Nullable JsonNode integer(ScalarSchema schema, JsonToken token) {
        if (!token.isNumeric()) {
            return mistyped(schema.goType());
        }
        boolean narrow = schema.kind() == ScalarSchema.Kind.INT32;
        JsonNode number =
                narrow ? integerIn(Integer.MIN_VALUE, Integer.MAX_VALUE) : integerIn(Long.MIN_VALUE, Long.MAX_VALUE);
        return number == null ? mistyped(numberText(), schema.goType()) : number;
    }

    private @Nullable JsonNode integerIn(long least, long most) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            return null;
        }
        return switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> {
                long value = parser.getLongValue();
                yield value < least || value > most ? null : NODES.numberNode(value);
            }
            default -> null;
        };
    }

    private @Nullable JsonNode floating(ScalarSchema schema, JsonToken token) {
        if (!token.isNumeric()) {
            return mistyped(schema.goType());
        }
        double value = parser.getDoubleValue();
        if (Double.isInfinite(value)) {
            return mistyped(numberText(), schema.goType());
        }
        return wholeOrDouble(value);
    }

    /** Go prints a whole float without a fraction, so the tree holds it as an integer. */
    static JsonNode wholeOrDouble(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? NODES.numberNode((long) value)
                : NODES.numberNode(value);
    }

    private @Nullable JsonNode bytes(ScalarSchema schema, JsonToken token) {
        if (token != JsonToken.VALUE_STRING) {
            // Go knows the type by this name when it has no value of it at hand.
            return mistyped(token == JsonToken.START_OBJECT ? "[]uint8" : schema.goType());
        }
        String text = parser.getString();
        String error = GoBase64.error(text);
        if (error.isEmpty()) {
            return NODES.stringNode(GoBase64.canonical(text));
        }
        typeError = typeError == null ? error : typeError;
        return null;
    }

    private JsonNode time(ScalarSchema schema, JsonToken token) {
        if (token != JsonToken.VALUE_STRING) {
            throw new Refused(typeErrorText(word(token), "string"));
        }
        boolean micro = schema.kind() == ScalarSchema.Kind.MICRO_TIME;
        GoTime.Parsed parsed = GoTime.parse(parser.getString(), micro);
        if (parsed.utc() == null) {
            throw new Refused(parsed.error());
        }
        return NODES.stringNode(micro ? GoTime.formatMicro(parsed.utc()) : GoTime.format(parsed.utc()));
    }

    private JsonNode quantity(JsonToken token) {
        String text = token.isScalarValue() ? parser.getString() : "{";
        try {
            return NODES.stringNode(Quantity.parse(text.strip()).toString());
        } catch (Quantity.FormatException e) {
            throw new Refused(String.valueOf(e.getMessage()));
        }
    }

    private JsonNode union(ScalarSchema schema, JsonToken token) {
        ObjectSchema nested = schema.nested();
        boolean array = schema.kind() != ScalarSchema.Kind.SCHEMA_OR_BOOL;
        boolean strings = schema.kind() == ScalarSchema.Kind.SCHEMA_OR_STRINGS;
        if (token == JsonToken.START_OBJECT && nested != null) {
            // Upstream's own decoder for these types is not strict.
            quiet++;
            ObjectNode node = NODES.objectNode();
            object(nested, node);
            quiet--;
            return node;
        }
        if (token == JsonToken.START_ARRAY && array && nested != null) {
            quiet++;
            ArrayNode list = NODES.arrayNode();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                JsonNode item = strings
                        ? scalar(new ScalarSchema(ScalarSchema.Kind.STRING, "string", null), parser.currentToken())
                        : value(nested, null);
                list.add(item == null ? zero(nested) : item);
            }
            quiet--;
            return list;
        }
        if ((token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) && !array) {
            return NODES.booleanNode(token == JsonToken.VALUE_TRUE);
        }
        throw new Refused(
                schema.kind() == ScalarSchema.Kind.SCHEMA_OR_BOOL
                        ? "boolean or JSON schema expected"
                        : strings
                                ? "JSON schema or string array expected"
                                : typeErrorText(word(token), nested == null ? "" : nested.goType()));
    }

    /** Any JSON value, integers exact; a later duplicate replaces an earlier one. */
    private JsonNode any() {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                ObjectNode node = NODES.objectNode();
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = parser.currentName();
                    if (reportsAnyDuplicates && node.has(name)) {
                        find("duplicate field", name);
                    }
                    push(name, KEY);
                    parser.nextToken();
                    node.set(name, any());
                    depth--;
                }
                yield node;
            }
            case START_ARRAY -> {
                ArrayNode node = NODES.arrayNode();
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    push(null, i);
                    node.add(any());
                    depth--;
                }
                yield node;
            }
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> NODES.numberNode(parser.getIntValue());
                    case LONG -> NODES.numberNode(parser.getLongValue());
                    default -> NODES.numberNode(parser.getBigIntegerValue());
                };
            case VALUE_NUMBER_FLOAT -> {
                BigDecimal exact = parser.getDecimalValue();
                double value = exact.doubleValue();
                yield Double.isFinite(value) && BigDecimal.valueOf(value).compareTo(exact) == 0
                        ? NODES.numberNode(value)
                        : NODES.numberNode(exact);
            }
            default -> NODES.nullNode();
        };
    }

    private @Nullable JsonNode mistyped(String goType) {
        JsonToken token = parser.currentToken();
        return mistyped(word(token), goType);
    }

    private @Nullable JsonNode mistyped(String found, String goType) {
        if (typeError == null) {
            typeError = typeErrorText(found, goType);
        }
        parser.skipChildren();
        return null;
    }

    private String numberText() {
        String text = parser.getString();
        // A tree's numbers have lost how they were written: they are told as Go writes them.
        boolean rewritten = text.indexOf('E') > 0 && text.indexOf('.') > 0;
        return "number "
                + (rewritten
                        ? new String(CanonicalJson.bytes(NODES.numberNode(parser.getDoubleValue())), US_ASCII)
                        : text);
    }

    static String word(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "object";
            case START_ARRAY -> "array";
            case VALUE_STRING -> "string";
            case VALUE_TRUE, VALUE_FALSE -> "bool";
            default -> "number";
        };
    }

    private String typeErrorText(String found, String goType) {
        if (struct == null) {
            return GoJson.misfit(found, goType);
        }
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            if (positions[i] == FIELD) {
                fields.append(fields.isEmpty() ? "" : ".").append(path[i]);
            }
        }
        return GoJson.misfit(found, struct.structName() + "." + fields, goType);
    }

    private void push(@Nullable String name, int position) {
        if (depth == path.length) {
            path = Arrays.copyOf(path, depth * 2);
            positions = Arrays.copyOf(positions, depth * 2);
        }
        path[depth] = name;
        positions[depth++] = position;
    }

    private void find(String what, String name) {
        if (quiet > 0 || findings.size() >= MOST_FINDINGS) {
            return;
        }
        StringBuilder where = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            if (positions[i] >= 0) {
                where.append('[').append(positions[i]).append(']');
            } else {
                where.append(where.isEmpty() ? "" : ".").append(path[i]);
            }
        }
        where.append(where.isEmpty() ? "" : ".").append(name);
        findings.add(what + " " + GoQuote.quote(where.toString()));
    }
}
