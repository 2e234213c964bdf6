package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.CanonicalJson;
import io.quarterdeck.api.schema.Field;
import io.quarterdeck.api.schema.Json;
import io.quarterdeck.api.schema.ListSchema;
import io.quarterdeck.api.schema.MapSchema;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.Schema;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One step of a field path as FieldsV1 writes it: {@code f:name}, {@code k:{"key":…}}, {@code v:value}, {@code i:3}.
 *
 * <p>Source: structured-merge-diff, fieldpath.PathElement.
 */
final class FieldStep {

    /** The order in which upstream lists steps: fields, keys, values, indexes; numbers by their size. */
    static final Comparator<String> ORDER = FieldStep::compare;

    private static final String KINDS = "fkvi";
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?");

    private FieldStep() {}

    private static int compare(String left, String right) {
        if (left.charAt(0) != right.charAt(0)) {
            return KINDS.indexOf(left.charAt(0)) - KINDS.indexOf(right.charAt(0));
        }
        if (left.charAt(0) == 'f') {
            return left.compareTo(right);
        }
        int shortest = Math.min(left.length(), right.length());
        int same = 0;
        int token = 2;
        boolean quoted = false;
        while (same < shortest && left.charAt(same) == right.charAt(same)) {
            char next = left.charAt(same++);
            if (next == '"' && left.charAt(same - 2) != '\\') {
                quoted = !quoted;
            }
            if (!quoted && next == ':') {
                token = same;
            }
        }
        if (!quoted) {
            Matcher one = NUMBER.matcher(left).region(token, left.length());
            Matcher other = NUMBER.matcher(right).region(token, right.length());
            if (one.lookingAt() && other.lookingAt()) {
                int bySize = new BigDecimal(one.group()).compareTo(new BigDecimal(other.group()));
                return bySize != 0 ? bySize : left.compareTo(right);
            }
        }
        return left.compareTo(right);
    }

    /**
     * A step that a client wrote, in the form in which steps are compared.
     *
     * @return null for a kind of step that nobody knows, which upstream passes over
     * @throws IllegalArgumentException for what is none
     */
    static @Nullable String read(String text) {
        if (text.length() < 2) {
            throw new IllegalArgumentException("key must be 2 characters long:");
        }
        if (text.charAt(1) != ':') {
            throw new IllegalArgumentException("missing colon: " + text);
        }
        String value = text.substring(2);
        return switch (text.charAt(0)) {
            case 'f' -> text;
            case 'v' -> "v:" + json(parse(value));
            case 'k' -> {
                ObjectNode sorted = JsonNodeFactory.instance.objectNode();
                TreeMap<String, JsonNode> keys = new TreeMap<>();
                parse(value).properties().forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
                keys.forEach(sorted::set);
                yield "k:" + json(sorted);
            }
            case 'i' -> {
                if (!value.matches("[-+]?\\d{1,18}")) {
                    throw new IllegalArgumentException("strconv.Atoi: parsing \"%s\": invalid syntax".formatted(value));
                }
                yield "i:" + Long.parseLong(value);
            }
            default -> null;
        };
    }

    private static JsonNode parse(String json) {
        try {
            return Json.tree(json.getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON: " + json, e);
        }
    }

    static String json(JsonNode node) {
        return new String(CanonicalJson.bytes(node), StandardCharsets.UTF_8);
    }

    /** As upstream prints it: {@code .name}, {@code [name="a"]}, {@code [=3]}. */
    static String shown(String step) {
        String value = step.substring(2);
        return switch (step.charAt(0)) {
            case 'f' -> "." + value;
            case 'k' -> {
                List<String> keys = new ArrayList<>();
                parse(value).properties().forEach(entry -> keys.add(entry.getKey() + "=" + entry.getValue()));
                yield "[" + String.join(",", keys) + "]";
            }
            case 'v' -> "[=" + value + "]";
            default -> "[" + value + "]";
        };
    }

    /** The schema of what a step leads to; null where nothing is declared. */
    static @Nullable Schema descend(@Nullable Schema schema, String step) {
        return switch (schema) {
            case ObjectSchema object -> {
                Field field = step.startsWith("f:") ? object.field(step.substring(2)) : null;
                yield field == null ? null : field.schema();
            }
            case MapSchema map -> map.values();
            case ListSchema list -> list.items();
            case null, default -> null;
        };
    }
}
