package io.quarterdeck.api.kinds;

import io.quarterdeck.api.validation.Values;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Objects as upstream's messages show them: with the field names of its internal types, absent fields spelled out. The
 * types stand in {@code internal-types.json}: each field as {@code GoName jsonName type}, where a type is {@code s} string,
 * {@code b} boolean, {@code i} number, {@code q} quantity, {@code j} an API type of its own, {@code *} a pointer or map,
 * {@code []} a list, or another type's name; {@code ^} before the JSON name means one level up.
 */
public final class InternalForm {

    private static final JsonNode TYPES = read();

    private InternalForm() {}

    /** Compact, as the rejected value of a finding. */
    public static Values.Raw compact(String type, JsonNode value) {
        StringBuilder out = new StringBuilder();
        write(type, value, value, out, -1);
        return new Values.Raw(out.toString());
    }

    /** What differs between two values, as a unified diff of their indented forms. */
    public static String diff(String type, JsonNode old, JsonNode next) {
        return UnifiedDiff.of(lines(type, old), lines(type, next));
    }

    private static List<String> lines(String type, JsonNode value) {
        StringBuilder out = new StringBuilder();
        write(type, value, value, out, 0);
        return List.of(out.toString().split("\n", -1));
    }

    private static void write(String type, JsonNode value, JsonNode parent, StringBuilder out, int indent) {
        boolean absent = value.isMissingNode() || value.isNull();
        if (type.startsWith("*")) {
            String inner = type.substring(1);
            if (absent) {
                out.append("null");
            } else {
                write(inner.isEmpty() ? "j" : inner, value, parent, out, indent);
            }
            return;
        }
        if (type.startsWith("[]")) {
            if (absent) {
                out.append("null");
            } else {
                List<Runnable> items = new ArrayList<>();
                value.forEach(item -> items.add(() -> write(type.substring(2), item, value, out, deeper(indent))));
                block('[', ']', items, out, indent);
            }
            return;
        }
        switch (type) {
            case "s" -> out.append(absent ? "\"\"" : Values.json(value));
            case "b" -> out.append(absent ? "false" : Values.json(value));
            case "i" -> out.append(absent ? "0" : Values.json(value));
            case "q" -> out.append(absent ? "\"0\"" : Values.json(value));
            case "j" -> json(value, out, indent);
            default -> struct(type, value, parent, out, indent);
        }
    }

    private static void struct(String type, JsonNode value, JsonNode parent, StringBuilder out, int indent) {
        List<Runnable> fields = new ArrayList<>();
        for (JsonNode field : TYPES.get(type)) {
            String[] parts = field.asString().split(" ");
            if (parts[2].equals("meta")) {
                JsonNode metadata = value.path("metadata");
                for (String name : List.of("name", "labels", "annotations")) {
                    if (!metadata.path(name).isMissingNode()
                            && !metadata.path(name).isEmpty()) {
                        fields.add(() -> named(name, "j", metadata.path(name), value, out, deeper(indent)));
                    }
                }
                continue;
            }
            JsonNode inner = parts[1].startsWith("^") ? parent.path(parts[1].substring(1)) : value.path(parts[1]);
            fields.add(() -> named(parts[0], parts[2], inner, value, out, deeper(indent)));
        }
        block('{', '}', fields, out, indent);
    }

    private static void json(JsonNode value, StringBuilder out, int indent) {
        if (value.isObject()) {
            List<Runnable> fields = new ArrayList<>();
            for (String name : Values.order(value.propertyNames())) {
                fields.add(() -> named(name, "j", value.get(name), value, out, deeper(indent)));
            }
            block('{', '}', fields, out, indent);
        } else if (value.isArray()) {
            List<Runnable> items = new ArrayList<>();
            value.forEach(item -> items.add(() -> json(item, out, deeper(indent))));
            block('[', ']', items, out, indent);
        } else {
            out.append(Values.json(value));
        }
    }

    private static void named(
            String name, String type, JsonNode value, JsonNode parent, StringBuilder out, int indent) {
        out.append(Values.json(JsonNodeFactory.instance.stringNode(name))).append(indent < 0 ? ":" : ": ");
        write(type, value, parent, out, indent);
    }

    private static void block(char open, char close, List<Runnable> parts, StringBuilder out, int indent) {
        out.append(open);
        boolean first = true;
        for (Runnable part : parts) {
            if (!first) {
                out.append(',');
            }
            first = false;
            if (indent >= 0) {
                out.append('\n').repeat(' ', indent + 1);
            }
            part.run();
        }
        if (indent >= 0 && !parts.isEmpty()) {
            out.append('\n').repeat(' ', indent);
        }
        out.append(close);
    }

    private static int deeper(int indent) {
        return indent < 0 ? indent : indent + 1;
    }

    private static JsonNode read() {
        try (InputStream in = InternalForm.class.getResourceAsStream("internal-types.json")) {
            return JsonMapper.shared().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
