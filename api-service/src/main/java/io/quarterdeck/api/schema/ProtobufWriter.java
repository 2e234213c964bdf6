package io.quarterdeck.api.schema;

import io.quarterdeck.api.schema.WireMessage.WireField;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes trees as protobuf. The buffer is filled from its end, as lengths stand before what they measure; so every
 * message is written once and nothing is copied.
 */
final class ProtobufWriter {

    private static final byte[] NOTHING = {};

    private byte[] buffer;
    private int at;

    ProtobufWriter() {
        this(1024);
    }

    private ProtobufWriter(int size) {
        this.buffer = new byte[size];
        this.at = size;
    }

    static byte[] message(ObjectNode tree, ObjectSchema schema) {
        ProtobufWriter writer = new ProtobufWriter();
        writer.fields(tree, schema.wire());
        return writer.bytes();
    }

    /** Positions are counted from the end, which growth leaves where it is. */
    int written() {
        return buffer.length - at;
    }

    byte[] bytes() {
        return Arrays.copyOfRange(buffer, at, buffer.length);
    }

    /** Four bytes, highest first. */
    void bigEndian(int value) {
        room(4);
        for (int shift = 0; shift < 32; shift += 8) {
            buffer[--at] = (byte) (value >>> shift);
        }
    }

    void raw(byte[] bytes) {
        room(bytes.length);
        at -= bytes.length;
        System.arraycopy(bytes, 0, buffer, at, bytes.length);
    }

    /** Tag and length of a field that follows. */
    static byte[] head(int number, int length) {
        ProtobufWriter head = new ProtobufWriter(16);
        head.header(number, length);
        return head.bytes();
    }

    private void fields(JsonNode node, WireMessage wire) {
        List<WireField> fields = wire.fields();
        for (int i = fields.size() - 1; i >= 0; i--) {
            WireField known = fields.get(i);
            if (known.embedded() != null) {
                int before = written();
                fields(node, known.embedded());
                if (written() != before) {
                    header(known.number(), written() - before);
                }
            } else if (known.field() != null) {
                JsonNode value = node.get(known.field().name());
                if (value != null && !value.isNull()) {
                    field(known.number(), known.field().schema(), value);
                }
            }
        }
    }

    private void field(int number, Schema schema, JsonNode value) {
        switch (schema) {
            case ListSchema list -> {
                for (int i = value.size() - 1; i >= 0; i--) {
                    single(number, list.items(), value.get(i));
                }
            }
            case MapSchema map -> {
                List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(value.properties());
                // Go writes maps in the order of their keys.
                entries.sort(Map.Entry.<String, JsonNode>comparingByKey().reversed());
                for (Map.Entry<String, JsonNode> entry : entries) {
                    int before = written();
                    single(2, map.values(), entry.getValue());
                    bytes(1, entry.getKey().getBytes(StandardCharsets.UTF_8));
                    header(number, written() - before);
                }
            }
            default -> single(number, schema, value);
        }
    }

    private void single(int number, Schema schema, JsonNode value) {
        switch (schema) {
            case ObjectSchema object -> {
                int before = written();
                fields(value, object.wire());
                header(number, written() - before);
            }
            case ListSchema list -> {
                int before = written();
                for (int i = value.size() - 1; i >= 0; i--) {
                    single(1, list.items(), value.get(i));
                }
                header(number, written() - before);
            }
            case MapSchema map -> throw new IllegalStateException("protobuf has no map of maps");
            case ScalarSchema scalar -> scalar(number, scalar, value);
        }
    }

    private void scalar(int number, ScalarSchema schema, JsonNode value) {
        switch (schema.kind()) {
            case STRING -> bytes(number, value.asString().getBytes(StandardCharsets.UTF_8));
            case INT32, INT64 -> number(number, value.longValue());
            case BOOL -> number(number, value.booleanValue() ? 1 : 0);
            case FLOAT -> {
                long bits = Double.doubleToRawLongBits(value.doubleValue());
                room(8);
                for (int i = 7; i >= 0; i--) {
                    buffer[--at] = (byte) (bits >>> (8 * i));
                }
                varint((long) number << 3 | 1);
            }
            case BYTES -> bytes(number, value.isNull() ? NOTHING : GoBase64.decode(value.stringValue()));
            case TIME, MICRO_TIME -> {
                int before = written();
                if (value.isString()) {
                    Instant time = Instant.parse(value.stringValue());
                    number(2, time.getNano());
                    number(1, time.getEpochSecond());
                }
                header(number, written() - before);
            }
            case INT_OR_STRING -> {
                int before = written();
                boolean string = value.isString();
                bytes(3, string ? value.stringValue().getBytes(StandardCharsets.UTF_8) : NOTHING);
                number(2, string ? 0 : value.longValue());
                number(1, string ? 1 : 0);
                header(number, written() - before);
            }
            case QUANTITY -> {
                int before = written();
                bytes(1, value.asString().getBytes(StandardCharsets.UTF_8));
                header(number, written() - before);
            }
            case FIELDS_V1, RAW_EXTENSION, ANY -> {
                int before = written();
                bytes(1, CanonicalJson.bytes(value));
                header(number, written() - before);
            }
            case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> union(number, schema, value);
        }
    }

    private void union(int number, ScalarSchema schema, JsonNode value) {
        ObjectSchema nested = Objects.requireNonNull(schema.nested());
        boolean bool = schema.kind() == ScalarSchema.Kind.SCHEMA_OR_BOOL;
        int before = written();
        if (value.isObject()) {
            single(bool ? 2 : 1, nested, value);
            if (bool) {
                number(1, 1);
            }
        } else if (value.isArray()) {
            for (int i = value.size() - 1; i >= 0; i--) {
                if (schema.kind() == ScalarSchema.Kind.SCHEMA_OR_STRINGS) {
                    bytes(2, value.get(i).asString().getBytes(StandardCharsets.UTF_8));
                } else {
                    single(2, nested, value.get(i));
                }
            }
        } else if (bool) {
            number(1, value.booleanValue() ? 1 : 0);
        }
        header(number, written() - before);
    }

    void number(int number, long value) {
        varint(value);
        varint((long) number << 3);
    }

    void bytes(int number, byte[] value) {
        raw(value);
        header(number, value.length);
    }

    /** The tag and length of what was written last. */
    void header(int number, long length) {
        varint(length);
        varint((long) number << 3 | 2);
    }

    private void varint(long value) {
        int size = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
        room(size);
        at -= size;
        long rest = value;
        for (int i = 0; i < size - 1; i++) {
            buffer[at + i] = (byte) (rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        buffer[at + size - 1] = (byte) rest;
    }

    private void room(int size) {
        if (at < size) {
            int used = buffer.length - at;
            byte[] larger = new byte[Math.max(buffer.length * 2, used + size + 64)];
            System.arraycopy(buffer, at, larger, larger.length - used, used);
            at = larger.length - used;
            buffer = larger;
        }
    }
}
