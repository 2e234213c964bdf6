package io.quarterdeck.api.schema;

import io.quarterdeck.model.GoQuote;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Prints trees as Go's {@code %v} prints the maps and slices it decodes JSON into. */
public final class GoText {

    private GoText() {}

    public static String of(JsonNode node) {
        StringBuilder out = new StringBuilder();
        write(node, out);
        return out.toString();
    }

    /** As Go's {@code %#v} prints them. */
    public static String syntax(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT ->
                node.properties().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> GoQuote.quote(entry.getKey()) + ":" + syntax(entry.getValue()))
                        .collect(Collectors.joining(", ", "map[string]interface {}{", "}"));
            case ARRAY ->
                node.valueStream().map(GoText::syntax).collect(Collectors.joining(", ", "[]interface {}{", "}"));
            case STRING -> GoQuote.quote(node.stringValue());
            case NULL, MISSING -> "interface {}(nil)";
            default -> node.asString();
        };
    }

    /** As Go's {@code %s} prints them, which is meant for strings. */
    public static String asString(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT, ARRAY -> of(node);
            case STRING -> node.stringValue();
            case NULL, MISSING -> "%!s(<nil>)";
            default -> "%!s(" + type(node) + "=" + node.asString() + ")";
        };
    }

    /** The type that Go decodes them into. */
    public static String type(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "map[string]interface {}";
            case ARRAY -> "[]interface {}";
            case STRING -> "string";
            case BOOLEAN -> "bool";
            case NUMBER -> node.isIntegralNumber() ? "int64" : "float64";
            default -> "<nil>";
        };
    }

    private static void write(JsonNode node, StringBuilder out) {
        switch (node.getNodeType()) {
            case OBJECT -> {
                List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(node.properties());
                entries.sort(Map.Entry.comparingByKey());
                out.append("map[");
                for (int i = 0; i < entries.size(); i++) {
                    out.append(i == 0 ? "" : " ")
                            .append(entries.get(i).getKey())
                            .append(':');
                    write(entries.get(i).getValue(), out);
                }
                out.append(']');
            }
            case ARRAY -> {
                out.append('[');
                for (int i = 0; i < node.size(); i++) {
                    out.append(i == 0 ? "" : " ");
                    write(node.get(i), out);
                }
                out.append(']');
            }
            case NULL, MISSING -> out.append("<nil>");
            case NUMBER ->
                out.append(
                        node.isIntegralNumber()
                                ? node.asString()
                                : new String(CanonicalJson.bytes(node), StandardCharsets.US_ASCII));
            default -> out.append(node.asString());
        }
    }
}
