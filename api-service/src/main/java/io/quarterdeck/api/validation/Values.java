package io.quarterdeck.api.validation;

import io.quarterdeck.model.GoNumbers;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How rejected values are printed, as Go prints them, and when two values count as equal. */
public final class Values {

    private static final List<List<String>> FIELD_ORDERS = List.of(
            List.of("matchLabels", "matchExpressions"),
            List.of("key", "operator", "values"),
            List.of("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"));

    /** Text that stands for a value as it is. */
    public record Raw(String text) {}

    private Values() {}

    /** A value behind {@code Invalid value: }: strings quoted, numbers plain, the rest as compact JSON. */
    public static String print(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Raw raw -> raw.text();
            case String text -> GoQuote.quote(text);
            case JsonNode node when node.isFloatingPointNumber() -> GoNumbers.shown(node.doubleValue());
            case JsonNode node -> node.isString() ? GoQuote.quote(node.stringValue()) : json(node);
            case Collection<?> list ->
                list.stream()
                        .map(item -> item instanceof String text ? jsonString(text) : print(item))
                        .collect(Collectors.joining(",", "[", "]"));
            default -> value.toString();
        };
    }

    /** Compact JSON as Go's encoder writes maps and API structs. */
    public static String json(JsonNode node) {
        StringBuilder out = new StringBuilder();
        write(node, out);
        return out.toString();
    }

    private static void write(JsonNode node, StringBuilder out) {
        if (node.isMissingNode() || node.isNull()) {
            out.append("null");
        } else if (node.isString()) {
            out.append(jsonString(node.stringValue()));
        } else if (node.isArray()) {
            out.append('[');
            for (int i = 0; i < node.size(); i++) {
                if (i > 0) {
                    out.append(',');
                }
                write(node.get(i), out);
            }
            out.append(']');
        } else if (node.isObject()) {
            out.append('{');
            boolean first = true;
            for (String name : order(node.propertyNames())) {
                if (!first) {
                    out.append(',');
                }
                first = false;
                out.append(jsonString(name)).append(':');
                write(node.get(name), out);
            }
            out.append('}');
        } else {
            out.append(node.asString());
        }
    }

    /** Field names in the order in which Go writes them: known API types by declaration, the rest sorted. */
    public static Collection<String> order(Collection<String> names) {
        for (List<String> known : FIELD_ORDERS) {
            if (known.containsAll(names)) {
                return known.stream().filter(names::contains).toList();
            }
        }
        return new TreeSet<>(names);
    }

    /** A string as Go's JSON encoder writes it: so values of named string types are told, others are quoted. */
    public static String jsonString(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '<', '>', '&', '\u2028', '\u2029' -> out.append("\\u%04x".formatted((int) c));
                default -> {
                    if (c < ' ') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    /** Whether two values mean the same: an absent list equals an empty one, numbers compare by value. */
    public static boolean same(JsonNode a, JsonNode b) {
        if (a.isNull() || a.isMissingNode()) {
            return b.isNull() || b.isMissingNode() || (b.isArray() && b.isEmpty());
        }
        if (b.isNull() || b.isMissingNode()) {
            return a.isArray() && a.isEmpty();
        }
        if (a.isObject() && b.isObject()) {
            Set<String> names = new TreeSet<>(a.propertyNames());
            names.addAll(b.propertyNames());
            return names.stream().allMatch(name -> same(a.path(name), b.path(name)));
        }
        if (a.isArray() && b.isArray()) {
            if (a.size() != b.size()) {
                return false;
            }
            for (int i = 0; i < a.size(); i++) {
                if (!same(a.get(i), b.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }

    public static List<String> strings(JsonNode node) {
        List<String> strings = new ArrayList<>();
        node.forEach(item -> strings.add(item.asString()));
        return strings;
    }
}
