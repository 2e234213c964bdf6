package io.quarterdeck.api.schema;

import io.quarterdeck.api.schema.TreeReader.Refused;
import io.quarterdeck.api.schema.WireMessage.WireField;
import io.quarterdeck.model.Quantity;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads a protobuf message into the tree that JSON would have given. Fields that the schema does not know are skipped. */
final class ProtobufReader {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int MOST_DEPTH = 500;
    private static final int START_GROUP = 3;
    private static final int END_GROUP = 4;

    /** Without a group that it could end. */
    private static final class EndOfGroup extends RuntimeException {
        EndOfGroup() {
            super("end of group", null, false, false);
        }
    }

    private final byte[] data;
    private int at;
    private int depth;

    ProtobufReader(byte[] data, int from) {
        this.data = data;
        this.at = from;
    }

    /** @throws Refused with Go's text for bytes that are no such message */
    static ObjectNode read(byte[] data, ObjectSchema schema) {
        ObjectNode node = NODES.objectNode();
        new ProtobufReader(data, 0).message(data.length, schema, node);
        return node;
    }

    private void message(int end, ObjectSchema schema, ObjectNode into) {
        try {
            message(end, schema.wire(), into);
        } catch (EndOfGroup alone) {
            throw new Refused("proto: %s: wiretype end group for non-group".formatted(schema.structName()));
        }
    }

    private void message(int end, WireMessage wire, ObjectNode into) {
        if (++depth > MOST_DEPTH) {
            throw new Refused("proto: exceeded max depth");
        }
        while (at < end) {
            int tag = (int) varint(end);
            if ((tag & 7) == END_GROUP) {
                throw new EndOfGroup();
            }
            WireField known = wire.numbered(tag >>> 3);
            if (known == null || (tag >>> 3) == 0) {
                skip(tag, end);
            } else if (known.embedded() != null) {
                message(length(tag, end), known.embedded(), into);
            } else if (known.field() != null) {
                field(known.field(), tag, end, into);
            }
        }
        depth--;
    }

    private void field(Field field, int tag, int end, ObjectNode into) {
        JsonNode before = into.get(field.name());
        switch (field.schema()) {
            case ListSchema list -> {
                ArrayNode array = before instanceof ArrayNode known ? known : into.putArray(field.name());
                if ((tag & 7) == 2 && packed(list.items())) {
                    for (int last = length(tag, end); at < last; ) {
                        array.add(single(list.items(), tag & ~7 | wireType(list.items()), last));
                    }
                } else {
                    array.add(single(list.items(), tag, end));
                }
            }
            case MapSchema map ->
                entry(map, length(tag, end), before instanceof ObjectNode known ? known : into.putObject(field.name()));
            case ObjectSchema object -> {
                ObjectNode child = before instanceof ObjectNode known ? known : into.putObject(field.name());
                message(length(tag, end), object, child);
            }
            case ScalarSchema scalar -> {
                JsonNode value = scalar(scalar, tag, end);
                if (value != null) {
                    into.set(field.name(), value);
                }
            }
        }
    }

    private JsonNode single(Schema schema, int tag, int end) {
        return switch (schema) {
            case ObjectSchema object -> {
                ObjectNode child = NODES.objectNode();
                message(length(tag, end), object, child);
                yield child;
            }
            case ScalarSchema scalar -> {
                JsonNode value = scalar(scalar, tag, end);
                yield value == null ? TreeReader.zero(scalar) : value;
            }
            // A list in a list or map travels as a message with its elements in field 1.
            case ListSchema list -> {
                ArrayNode array = NODES.arrayNode();
                for (int last = length(tag, end); at < last; ) {
                    array.add(single(list.items(), (int) varint(last), last));
                }
                yield array;
            }
            case MapSchema map -> throw new Refused("proto: map of maps");
        };
    }

    private void entry(MapSchema map, int end, ObjectNode into) {
        String key = "";
        JsonNode value = null;
        while (at < end) {
            int tag = (int) varint(end);
            switch (tag >>> 3) {
                case 1 -> key = text(tag, end);
                case 2 -> value = single(map.values(), tag, end);
                default -> skip(tag, end);
            }
        }
        boolean bytes = map.values() instanceof ScalarSchema scalar && scalar.kind() == ScalarSchema.Kind.BYTES;
        into.set(key, value != null ? value : bytes ? NODES.stringNode("") : TreeReader.zero(map.values()));
    }

    private @Nullable JsonNode scalar(ScalarSchema schema, int tag, int end) {
        return switch (schema.kind()) {
            case STRING -> NODES.stringNode(text(tag, end));
            case INT32 -> NODES.numberNode((int) number(tag, end));
            case INT64 -> {
                long value = number(tag, end);
                yield value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
            }
            case BOOL -> NODES.booleanNode(number(tag, end) != 0);
            case FLOAT -> {
                expect(tag, 1);
                yield TreeReader.wholeOrDouble(Double.longBitsToDouble(fixed(8, end)));
            }
            case BYTES -> {
                int last = length(tag, end);
                byte[] value = Arrays.copyOfRange(data, at, last);
                at = last;
                yield NODES.stringNode(Base64.getEncoder().encodeToString(value));
            }
            case TIME, MICRO_TIME -> time(length(tag, end), schema.kind() == ScalarSchema.Kind.MICRO_TIME);
            case INT_OR_STRING -> intOrString(length(tag, end));
            case QUANTITY -> quantity(length(tag, end));
            case FIELDS_V1, RAW_EXTENSION, ANY -> raw(length(tag, end));
            case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> union(schema, length(tag, end));
        };
    }

    private @Nullable JsonNode time(int end, boolean micro) {
        if (at == end) {
            return null;
        }
        long seconds = 0;
        int nanos = 0;
        while (at < end) {
            int tag = (int) varint(end);
            switch (tag >>> 3) {
                case 1 -> seconds = number(tag, end);
                case 2 -> nanos = (int) number(tag, end);
                default -> skip(tag, end);
            }
        }
        try {
            LocalDateTime utc = LocalDateTime.ofEpochSecond(seconds, Math.clamp(nanos, 0, 999_999_999), ZoneOffset.UTC);
            return NODES.stringNode(micro ? GoTime.formatMicro(utc) : GoTime.format(utc));
        } catch (DateTimeException e) {
            throw new Refused("proto: time out of range");
        }
    }

    private JsonNode intOrString(int end) {
        boolean string = false;
        int number = 0;
        String text = "";
        while (at < end) {
            int tag = (int) varint(end);
            switch (tag >>> 3) {
                case 1 -> string = number(tag, end) == 1;
                case 2 -> number = (int) number(tag, end);
                case 3 -> text = text(tag, end);
                default -> skip(tag, end);
            }
        }
        return string ? NODES.stringNode(text) : NODES.numberNode(number);
    }

    private JsonNode quantity(int end) {
        String text = "";
        while (at < end) {
            int tag = (int) varint(end);
            if (tag >>> 3 == 1) {
                text = text(tag, end);
            } else {
                skip(tag, end);
            }
        }
        try {
            return NODES.stringNode(Quantity.parse(text).toString());
        } catch (Quantity.FormatException e) {
            throw new Refused(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable JsonNode raw(int end) {
        byte[] json = new byte[0];
        while (at < end) {
            int tag = (int) varint(end);
            if (tag >>> 3 == 1) {
                int last = length(tag, end);
                json = Arrays.copyOfRange(data, at, last);
                at = last;
            } else {
                skip(tag, end);
            }
        }
        if (json.length == 0) {
            return null;
        }
        JsonNode value = Json.tree(json);
        return value.isNull() ? null : value;
    }

    private @Nullable JsonNode union(ScalarSchema schema, int end) {
        ObjectSchema nested = Objects.requireNonNull(schema.nested());
        boolean bool = schema.kind() == ScalarSchema.Kind.SCHEMA_OR_BOOL;
        int schemaNumber = bool ? 2 : 1;
        JsonNode value = bool ? NODES.booleanNode(false) : null;
        while (at < end) {
            int tag = (int) varint(end);
            int number = tag >>> 3;
            if (number == schemaNumber) {
                value = single(nested, tag, end);
            } else if (number == 1) {
                boolean allows = number(tag, end) != 0;
                value = value instanceof ObjectNode ? value : NODES.booleanNode(allows);
            } else if (number == 2) {
                ArrayNode array = value instanceof ArrayNode known ? known : NODES.arrayNode();
                array.add(
                        schema.kind() == ScalarSchema.Kind.SCHEMA_OR_STRINGS
                                ? NODES.stringNode(text(tag, end))
                                : single(nested, tag, end));
                value = array;
            } else {
                skip(tag, end);
            }
        }
        return value;
    }

    private static boolean packed(Schema items) {
        return items instanceof ScalarSchema scalar
                && switch (scalar.kind()) {
                    case INT32, INT64, BOOL, FLOAT -> true;
                    default -> false;
                };
    }

    private static int wireType(Schema items) {
        return items instanceof ScalarSchema scalar && scalar.kind() == ScalarSchema.Kind.FLOAT ? 1 : 0;
    }

    String text(int tag, int end) {
        int last = length(tag, end);
        String text = new String(data, at, last - at, StandardCharsets.UTF_8);
        at = last;
        return text;
    }

    private long number(int tag, int end) {
        expect(tag, 0);
        return varint(end);
    }

    private static void expect(int tag, int wireType) {
        if ((tag & 7) != wireType) {
            throw new Refused("proto: wrong wireType = %d for field number %d".formatted(tag & 7, tag >>> 3));
        }
    }

    /** Reads a length and gives the position behind what it covers. */
    int length(int tag, int end) {
        expect(tag, 2);
        long length = varint(end);
        if (length < 0) {
            throw new Refused("proto: negative length found during unmarshaling");
        }
        if (length > end - at) {
            throw new Refused("unexpected EOF");
        }
        return at + (int) length;
    }

    long varint(int end) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw new Refused("unexpected EOF");
            }
            byte b = data[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new Refused("proto: integer overflow");
    }

    private long fixed(int width, int end) {
        if (end - at < width) {
            throw new Refused("unexpected EOF");
        }
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (data[at++] & 0xffL) << (8 * i);
        }
        return value;
    }

    void skip(int tag, int end) {
        int number = tag >>> 3;
        if (number <= 0 && (tag & 7) < 6) {
            throw new Refused("proto: illegal tag %d (wire type %d)".formatted(number, tag & 7));
        }
        switch (tag & 7) {
            case 0 -> varint(end);
            case 1 -> fixed(8, end);
            case 2 -> at = length(tag, end);
            case START_GROUP -> group(end);
            case 5 -> fixed(4, end);
            default -> throw new Refused("proto: illegal wireType " + (tag & 7));
        }
    }

    /** What is left of a group, which no message of ours has. */
    private void group(int end) {
        int open = 1;
        while (open > 0) {
            if (at >= end) {
                throw new Refused("unexpected EOF");
            }
            int wireType = (int) varint(end) & 7;
            switch (wireType) {
                case 0 -> varint(end);
                case 1 -> fixed(8, end);
                case 2 -> at = length(wireType, end);
                case START_GROUP -> open++;
                case END_GROUP -> open--;
                case 5 -> fixed(4, end);
                default -> throw new Refused("proto: illegal wireType " + wireType);
            }
        }
    }

    int position() {
        return at;
    }

    void moveTo(int position) {
        at = position;
    }
}
