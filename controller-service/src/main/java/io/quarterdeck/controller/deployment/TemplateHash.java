package io.quarterdeck.controller.deployment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * The value of the label pod-template-hash: FNV-1a over the template as Go prints the struct in memory, written with
 * letters that form no words. It follows from the template alone, so that every implementation names a replica set
 * alike. Source: Kubernetes pkg/controller, ComputeHash; k8s.io/utils/dump, ForHash.
 */
final class TemplateHash {

    /** Go's types behind the template, in field order: fields [Go name, Go type, JSON name], or a named scalar's kind. */
    private static final JsonNode TYPES = types();

    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final Pattern QUANTITY = Pattern.compile("([+-]?)(\\d*)(?:\\.(\\d*))?([a-zA-Z]*|[eE][+-]?\\d+)");
    private static final long FNV_OFFSET = 0x811c9dc5L;
    private static final long FNV_PRIME = 0x01000193L;

    private TemplateHash() {}

    /**
     * @param template a PodTemplateSpec as JSON
     * @param collisions how often the hash met a stranger's name so far; null when never
     */
    static String of(JsonNode template, @Nullable Integer collisions) {
        StringBuilder dump = new StringBuilder();
        value(dump, "v1.PodTemplateSpec", template, true);
        long hash = FNV_OFFSET;
        for (byte each : dump.toString().getBytes(StandardCharsets.UTF_8)) {
            hash = step(hash, each);
        }
        if (collisions != null) {
            for (int i = 0; i < 8; i++) {
                hash = step(hash, i < 4 ? (byte) (collisions >>> (8 * i)) : 0);
            }
        }
        StringBuilder name = new StringBuilder();
        for (char digit : Long.toString(hash).toCharArray()) {
            name.append(LETTERS.charAt(digit % LETTERS.length()));
        }
        return name.toString();
    }

    private static long step(long hash, byte next) {
        return ((hash ^ (next & 0xff)) * FNV_PRIME) & 0xffffffffL;
    }

    /** @param named whether the type stands before the value; elements of lists and maps leave it out */
    private static void value(StringBuilder to, String type, JsonNode node, boolean named) {
        boolean absent = node.isMissingNode() || node.isNull();
        if (type.startsWith("*")) {
            if (named) {
                to.append('(').append(type).append(')');
            }
            if (absent) {
                to.append("<nil>");
            } else {
                value(to, type.substring(1), node, false);
            }
            return;
        }
        if (named) {
            to.append('(').append(type).append(')');
        }
        if (type.startsWith("[]")) {
            list(to, type.substring(2), node);
        } else if (type.startsWith("map[string]")) {
            map(to, type.substring("map[string]".length()), node);
        } else {
            plain(to, type, node);
        }
    }

    private static void plain(StringBuilder to, String type, JsonNode node) {
        switch (type) {
            case "string" -> to.append(node.asString(""));
            case "bool" -> to.append(node.asBoolean(false));
            case "int32", "int64" -> to.append(node.asLong(0));
            case "resource.Quantity" -> quantity(to, node.asString(""));
            case "intstr.IntOrString" ->
                to.append("{Type:(intstr.Type)")
                        .append(node.isString() ? 1 : 0)
                        .append(" IntVal:(int32)")
                        .append(node.isString() ? 0 : node.asLong(0))
                        .append(" StrVal:(string)")
                        .append(node.isString() ? node.asString() : "")
                        .append('}');
            case "v1.Time" ->
                // Templates have no times of their own, so this is always Go's zero time.
                to.append("{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}");
            case "v1.FieldsV1" -> to.append("{Raw:([]uint8)<nil>}");
            default -> {
                JsonNode fields = TYPES.path(type);
                if (fields.isArray()) {
                    struct(to, fields, node);
                } else if (fields.asString("").equals("map")) {
                    map(to, "resource.Quantity", node);
                } else {
                    plain(to, fields.asString("string"), node);
                }
            }
        }
    }

    private static void struct(StringBuilder to, JsonNode fields, JsonNode node) {
        to.append('{');
        String separator = "";
        for (JsonNode field : fields) {
            String json = field.get(2).asString();
            to.append(separator).append(field.get(0).asString()).append(':');
            JsonNode inner = json.isEmpty() ? node : node.isObject() ? node.path(json) : MissingNode.getInstance();
            value(to, field.get(1).asString(), inner, true);
            separator = " ";
        }
        to.append('}');
    }

    private static void list(StringBuilder to, String type, JsonNode node) {
        // An empty list does not survive the API server's storage.
        if (node.isEmpty()) {
            to.append("<nil>");
            return;
        }
        to.append('[');
        String separator = "";
        for (JsonNode element : node) {
            to.append(separator);
            value(to, type, element, false);
            separator = " ";
        }
        to.append(']');
    }

    private static void map(StringBuilder to, String type, JsonNode node) {
        if (node.isEmpty()) {
            to.append("<nil>");
            return;
        }
        TreeMap<String, JsonNode> sorted = new TreeMap<>();
        node.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        to.append("map[");
        String separator = "";
        for (var entry : sorted.entrySet()) {
            to.append(separator).append(entry.getKey()).append(':');
            value(to, type, entry.getValue(), false);
            separator = " ";
        }
        to.append(']');
    }

    /** As apimachinery's ParseQuantity leaves it: an integer and a power of ten, and the text when it is canonical. */
    private static void quantity(StringBuilder to, String text) {
        Matcher parts = QUANTITY.matcher(text);
        BigInteger value = BigInteger.ZERO;
        int scale = 0;
        String kept = "";
        String format = "DecimalSI";
        if (text.equals("0")) {
            kept = text;
        } else if (parts.matches()) {
            String suffix = parts.group(4) == null ? "" : parts.group(4);
            // ParseQuantity drops leading zeros of the number and trailing ones of the fraction.
            String number = parts.group(2).replaceFirst("^0+(?=.)", "");
            String fraction = parts.group(3) == null ? "" : parts.group(3);
            String shifted = number + fraction;
            value = shifted.isEmpty() ? BigInteger.ZERO : new BigInteger(shifted);
            if (suffix.endsWith("i")) {
                format = "BinarySI";
                int exponent = 10 * ("KMGTPE".indexOf(suffix.charAt(0)) + 1);
                if (exponent % 10 == 0 && value.and(BigInteger.valueOf(7)).signum() != 0) {
                    kept = text;
                }
                value = value.shiftLeft(exponent);
            } else {
                scale = decimalScale(suffix) - fraction.length();
                format = suffix.matches("[eE][+-]?\\d+") ? "DecimalExponent" : "DecimalSI";
                if (scale % 3 == 0 && !shifted.endsWith("000") && !shifted.startsWith("0")) {
                    kept = text;
                }
            }
            if (parts.group(1).equals("-")) {
                value = value.negate();
            }
        }
        to.append("{i:(resource.int64Amount){value:(int64)")
                .append(value)
                .append(" scale:(resource.Scale)")
                .append(scale)
                .append("} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)")
                .append(kept)
                .append(" Format:(resource.Format)")
                .append(format)
                .append('}');
    }

    private static int decimalScale(String suffix) {
        return switch (suffix) {
            case "" -> 0;
            case "n" -> -9;
            case "u" -> -6;
            case "m" -> -3;
            case "k" -> 3;
            case "M" -> 6;
            case "G" -> 9;
            case "T" -> 12;
            case "P" -> 15;
            case "E" -> 18;
            default -> Integer.parseInt(suffix.substring(1));
        };
    }

    private static JsonNode types() {
        try (InputStream in = TemplateHash.class.getResourceAsStream("pod-template-types.json")) {
            if (in == null) {
                throw new IllegalStateException("pod-template-types.json is not in the jar");
            }
            return JsonMapper.shared().readTree(in);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
