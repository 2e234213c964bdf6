package io.quarterdeck.api.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Writes trees as YAML the way upstream does: block style, keys sorted, strings quoted only where they must be. */
final class YamlWriter {

    private final StringBuilder out = new StringBuilder();

    private YamlWriter() {}

    static String write(JsonNode tree) {
        YamlWriter writer = new YamlWriter();
        if (tree.isContainer() && !tree.isEmpty()) {
            writer.block(tree, 0, false);
        } else {
            writer.out.append(inline(tree)).append('\n');
        }
        return writer.out.toString();
    }

    private void block(JsonNode node, int indent, boolean started) {
        boolean first = started;
        if (node.isArray()) {
            for (JsonNode item : node) {
                margin(indent, first);
                first = false;
                out.append("- ");
                if (item.isContainer() && !item.isEmpty()) {
                    block(item, indent + 2, true);
                } else {
                    scalar(item, indent + 2);
                }
            }
            return;
        }
        List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(node.properties());
        entries.sort(Map.Entry.comparingByKey());
        for (Map.Entry<String, JsonNode> entry : entries) {
            margin(indent, first);
            first = false;
            out.append(quoted(entry.getKey())).append(':');
            JsonNode value = entry.getValue();
            if (value.isContainer() && !value.isEmpty()) {
                out.append('\n');
                block(value, value.isArray() ? indent : indent + 2, false);
            } else {
                out.append(' ');
                scalar(value, indent + 2);
            }
        }
    }

    private void margin(int indent, boolean started) {
        if (!started) {
            out.repeat(' ', indent);
        }
    }

    private void scalar(JsonNode node, int indent) {
        if (node.isString() && literal(node.stringValue())) {
            String text = node.stringValue();
            boolean ends = text.endsWith("\n");
            out.append(ends ? text.endsWith("\n\n") ? "|+" : "|" : "|-").append('\n');
            for (String line : (ends ? text.substring(0, text.length() - 1) : text).split("\n", -1)) {
                out.repeat(' ', line.isEmpty() ? 0 : indent).append(line).append('\n');
            }
            return;
        }
        out.append(inline(node)).append('\n');
    }

    private static boolean literal(String text) {
        if (text.indexOf('\n') < 0 || text.startsWith(" ") || text.startsWith("\n")) {
            return false;
        }
        return text.chars()
                        .allMatch(c -> c == '\n' || c == '\t' || c >= 0x20 && c != 0x7f && c != 0x2028 && c != 0xfeff)
                && !text.contains(" \n");
    }

    private static String inline(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "{}";
            case ARRAY -> "[]";
            case STRING -> quoted(node.stringValue());
            case NULL, MISSING -> "null";
            default -> new String(CanonicalJson.bytes(node), java.nio.charset.StandardCharsets.US_ASCII);
        };
    }

    private static String quoted(String text) {
        if (text.isEmpty() || !YamlReader.plain(text).isString()) {
            return '"' + text + '"';
        }
        boolean printable = text.chars().allMatch(c -> c >= 0x20 && c != 0x7f && c != 0x2028 && c != 0x2029);
        if (!printable) {
            // JSON's escapes are YAML's too.
            return new String(
                    CanonicalJson.bytes(tools.jackson.databind.node.JsonNodeFactory.instance.stringNode(text)),
                    java.nio.charset.StandardCharsets.UTF_8);
        }
        char first = text.charAt(0);
        boolean indicator = ",[]{}#&*!|>'\"%@`".indexOf(first) >= 0
                || (first == '-' || first == '?' || first == ':') && (text.length() == 1 || text.charAt(1) == ' ')
                || text.startsWith("---")
                || text.startsWith("...");
        boolean special = indicator
                || first == ' '
                || text.endsWith(" ")
                || text.endsWith(":")
                || text.contains(": ")
                || text.contains(" #")
                || text.equals("=")
                || text.equals("<<");
        return special ? "'" + text.replace("'", "''") + "'" : text;
    }
}
