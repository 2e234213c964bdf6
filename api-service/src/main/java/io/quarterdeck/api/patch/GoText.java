package io.quarterdeck.api.patch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Prints trees as Go's {@code %v} prints the maps and slices it decodes JSON into. */
public final class GoText {

    private GoText() {}

    public static String of(JsonNode node) {
        StringBuilder out = new StringBuilder();
        write(node, out);
        return out.toString();
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
            default -> out.append(node.asString());
        }
    }
}
