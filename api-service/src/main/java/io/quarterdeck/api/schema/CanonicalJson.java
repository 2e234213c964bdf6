package io.quarterdeck.api.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes trees as JSON the way Go's encoder does: no white space, numbers as Go prints them, {@code < > &} escaped. The
 * stored form also has its fields sorted, so that equal objects have equal bytes.
 */
public final class CanonicalJson {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] METADATA = "\"metadata\":{\"resourceVersion\":\"\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};
    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
    private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
    private static final Comparator<Map.Entry<String, JsonNode>> BY_KEY = Map.Entry.comparingByKey();

    private final boolean sorted;
    private byte[] buffer = new byte[1024];
    private int length;

    private CanonicalJson(boolean sorted) {
        this.sorted = sorted;
    }

    /** The tree in the order of its fields. */
    public static byte[] bytes(JsonNode tree) {
        CanonicalJson writer = new CanonicalJson(false);
        writer.value(tree);
        return writer.bytes();
    }

    /** The tree with sorted fields: equal trees give equal bytes. */
    public static byte[] sortedBytes(JsonNode tree) {
        CanonicalJson writer = new CanonicalJson(true);
        writer.value(tree);
        return writer.bytes();
    }

    /**
     * The stored form of an object: from {@code "metadata":{"resourceVersion":""} to the closing brace, without type
     * header; whatever resourceVersion the tree has is left out.
     */
    public static byte[] stored(ObjectNode tree) {
        CanonicalJson writer = new CanonicalJson(true);
        writer.raw(METADATA);
        if (tree.get("metadata") instanceof ObjectNode metadata) {
            writer.members(metadata, true, "resourceVersion", "");
        }
        writer.raw('}');
        writer.members(tree, true, "metadata", "header");
        writer.raw('}');
        return writer.bytes();
    }

    private byte[] bytes() {
        return Arrays.copyOf(buffer, length);
    }

    private void value(JsonNode node) {
        switch (node.getNodeType()) {
            case OBJECT -> {
                raw('{');
                members((ObjectNode) node, false, "", "");
                raw('}');
            }
            case ARRAY -> {
                raw('[');
                boolean first = true;
                for (JsonNode item : node) {
                    if (!first) {
                        raw(',');
                    }
                    first = false;
                    value(item);
                }
                raw(']');
            }
            case STRING -> string(node.stringValue());
            case NUMBER -> number(node);
            case BOOLEAN -> raw(node.booleanValue() ? TRUE : FALSE);
            default -> raw(NULL);
        }
    }

    /** Writes the fields but {@code without}; {@code header} leaves out the type header too. */
    private void members(ObjectNode object, boolean continued, String without, String header) {
        boolean comma = continued;
        if (sorted && object.size() > 1) {
            @SuppressWarnings({"unchecked", "rawtypes"})
            Map.Entry<String, JsonNode>[] entries = object.properties().toArray(new Map.Entry[0]);
            Arrays.sort(entries, BY_KEY);
            for (Map.Entry<String, JsonNode> entry : entries) {
                comma = member(entry, comma, without, header);
            }
        } else {
            for (Map.Entry<String, JsonNode> entry : object.properties()) {
                comma = member(entry, comma, without, header);
            }
        }
    }

    private boolean member(Map.Entry<String, JsonNode> entry, boolean comma, String without, String header) {
        String name = entry.getKey();
        if (!without.isEmpty()
                && (name.equals(without) || !header.isEmpty() && (name.equals("apiVersion") || name.equals("kind")))) {
            return comma;
        }
        if (comma) {
            raw(',');
        }
        string(name);
        raw(':');
        value(entry.getValue());
        return true;
    }

    private void number(JsonNode node) {
        switch (node.numberType()) {
            case INT -> ascii(Integer.toString(node.intValue()));
            case LONG -> ascii(Long.toString(node.longValue()));
            case BIG_INTEGER -> ascii(node.bigIntegerValue().toString());
            case FLOAT, DOUBLE -> ascii(number(node.doubleValue()));
            case BIG_DECIMAL -> ascii(node.decimalValue().toString());
            case null -> raw(NULL);
        }
    }

    /** A float as Go's encoding/json prints it. */
    static String number(double value) {
        double magnitude = Math.abs(value);
        if (value == 0) {
            return "0";
        }
        BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (magnitude >= 1e-6 && magnitude < 1e21) {
            return shortest.toPlainString();
        }
        BigInteger unscaled = shortest.unscaledValue();
        String digits = unscaled.abs().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        return (unscaled.signum() < 0 ? "-" : "")
                + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + "e"
                + (exponent < 0 ? "-" : "+")
                + Math.abs(exponent);
    }

    private void string(String text) {
        int chars = text.length();
        room(chars * 6 + 2);
        byte[] out = buffer;
        int at = length;
        out[at++] = '"';
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&') {
                    out[at++] = (byte) c;
                } else {
                    at = escape(out, at, c);
                }
            } else if (c < 0x800) {
                out[at++] = (byte) (0xc0 | c >> 6);
                out[at++] = (byte) (0x80 | c & 0x3f);
            } else if (Character.isHighSurrogate(c) && i + 1 < chars && Character.isLowSurrogate(text.charAt(i + 1))) {
                int point = Character.toCodePoint(c, text.charAt(++i));
                out[at++] = (byte) (0xf0 | point >> 18);
                out[at++] = (byte) (0x80 | point >> 12 & 0x3f);
                out[at++] = (byte) (0x80 | point >> 6 & 0x3f);
                out[at++] = (byte) (0x80 | point & 0x3f);
            } else {
                // Half a surrogate pair is no character: Go reads it as the replacement character.
                char shown = Character.isSurrogate(c) ? '\ufffd' : c;
                if (shown == '\u2028' || shown == '\u2029') {
                    at = unicode(out, at, shown);
                } else {
                    out[at++] = (byte) (0xe0 | shown >> 12);
                    out[at++] = (byte) (0x80 | shown >> 6 & 0x3f);
                    out[at++] = (byte) (0x80 | shown & 0x3f);
                }
            }
        }
        out[at++] = '"';
        length = at;
    }

    private static int escape(byte[] out, int from, char c) {
        int at = from;
        char letter = switch (c) {
            case '"', '\\' -> c;
            case '\b' -> 'b';
            case '\f' -> 'f';
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\t' -> 't';
            default -> 0;
        };
        if (letter == 0) {
            return unicode(out, at, c);
        }
        out[at++] = '\\';
        out[at++] = (byte) letter;
        return at;
    }

    private static int unicode(byte[] out, int from, char c) {
        int at = from;
        out[at++] = '\\';
        out[at++] = 'u';
        out[at++] = HEX[c >> 12 & 15];
        out[at++] = HEX[c >> 8 & 15];
        out[at++] = HEX[c >> 4 & 15];
        out[at++] = HEX[c & 15];
        return at;
    }

    private void ascii(String text) {
        int chars = text.length();
        room(chars);
        for (int i = 0; i < chars; i++) {
            buffer[length++] = (byte) text.charAt(i);
        }
    }

    private void raw(int b) {
        room(1);
        buffer[length++] = (byte) b;
    }

    private void raw(byte[] bytes) {
        room(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    private void room(int more) {
        if (buffer.length - length < more) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
    }
}
