package io.quarterdeck.api.schema;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Writes trees as YAML the way upstream does: block style, keys sorted, strings quoted only where they must be. */
final class YamlWriter {

    private static final int WIDTH = 80;

    /** Times, numbers to the base of 60, and what is no number. */
    private static final Pattern SPECIAL = Pattern.compile("\\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\\d|3[01])"
            + "([Tt]\\d{1,2}:\\d{1,2}:\\d{1,2}(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)| \\d{1,2}:\\d{1,2}:\\d{1,2}(\\.\\d+)?)?"
            + "|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?"
            + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

    private final StringBuilder out = new StringBuilder();

    private YamlWriter() {}

    static String write(JsonNode tree) {
        YamlWriter writer = new YamlWriter();
        if (tree.isContainer() && !tree.isEmpty()) {
            writer.block(tree, 0, false);
        } else {
            writer.scalar(tree, 0);
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
            text(entry.getKey(), -1);
            out.append(':');
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
        if (!node.isString()) {
            out.append(inline(node)).append('\n');
            return;
        }
        String text = node.stringValue();
        if (literal(text)) {
            boolean ends = text.endsWith("\n");
            boolean hinted = text.startsWith(" ") || text.startsWith("\n");
            out.append('|')
                    .append(hinted ? "2" : "")
                    .append(ends ? text.equals("\n") || text.endsWith("\n\n") ? "+" : "" : "-")
                    .append('\n');
            for (String line : (ends ? text.substring(0, text.length() - 1) : text).split("\n", -1)) {
                out.repeat(' ', line.isEmpty() ? 0 : indent).append(line).append('\n');
            }
            return;
        }
        text(text, indent);
        out.append('\n');
    }

    private static boolean literal(String text) {
        return text.indexOf('\n') >= 0 && printable(text) && !text.endsWith(" ") && !text.contains(" \n");
    }

    private static String inline(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "{}";
            case ARRAY -> "[]";
            case NULL, MISSING -> "null";
            default -> new String(CanonicalJson.bytes(node), StandardCharsets.US_ASCII);
        };
    }

    /** @param indent where further lines begin; negative for a key, which has one line */
    private void text(String text, int indent) {
        if (text.indexOf('\n') >= 0 || !printable(text) || !isText(text)) {
            folded("\"", text, indent);
        } else if (plainAllowed(text)) {
            folded("", text, indent);
        } else {
            folded("'", text, indent);
        }
    }

    /** Breaks lines at the first single space behind the 80th column, as upstream's emitter does. */
    private void folded(String quote, String text, int indent) {
        out.append(quote);
        int line = out.lastIndexOf("\n") + 1;
        boolean spaces = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (c != ' ') {
                out.append(
                        quote.equals("\"")
                                ? escaped(c)
                                : quote.equals("'") && c == '\'' ? "''" : Character.toString(c));
                spaces = false;
                continue;
            }
            boolean inner = quote.isEmpty() || i > 0 && i < text.length() - 1;
            boolean doubled = i + 1 < text.length() && text.charAt(i + 1) == ' ';
            if (indent >= 0
                    && !spaces
                    && inner
                    && out.codePointCount(line, out.length()) > WIDTH
                    && (!doubled || quote.equals("\""))) {
                line = out.append('\n').length();
                out.repeat(' ', indent).append(doubled ? "\\" : "");
            } else {
                out.append(' ');
            }
            spaces = true;
        }
        out.append(quote);
    }

    private static String escaped(int c) {
        return switch (c) {
            case 0 -> "\\0";
            case 7 -> "\\a";
            case 8 -> "\\b";
            case '\t' -> "\\t";
            case '\n' -> "\\n";
            case 0x0b -> "\\v";
            case '\f' -> "\\f";
            case '\r' -> "\\r";
            case 0x1b -> "\\e";
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case 0x85 -> "\\N";
            case 0x2028 -> "\\L";
            case 0x2029 -> "\\P";
            default ->
                printable(c)
                        ? Character.toString(c)
                        : c <= 0xff
                                ? "\\x%02X".formatted(c)
                                : c <= 0xffff ? "\\u%04X".formatted(c) : "\\U%08X".formatted(c);
        };
    }

    private static boolean printable(String text) {
        return text.codePoints().allMatch(c -> printable(c) && c != 0x2028 && c != 0x2029);
    }

    private static boolean printable(int c) {
        return c == '\n'
                || c >= 0x20 && c <= 0x7e
                || c >= 0xa0 && c <= 0xd7ff
                || c >= 0xe000 && c <= 0xfffd && c != 0xfeff;
    }

    /** Whether a reader of YAML 1.1 takes it for text when nothing stands around it. */
    private static boolean isText(String text) {
        return YamlReader.plain(text).isString()
                && !text.equals("<<")
                && !SPECIAL.matcher(text).matches();
    }

    private static boolean plainAllowed(String text) {
        char first = text.charAt(0);
        boolean alone = text.length() == 1 || text.charAt(1) == ' ';
        return ",[]{}#&*!|>'\"%@`".indexOf(first) < 0
                && !(alone && (first == '-' || first == '?' || first == ':'))
                && !text.startsWith("---")
                && !text.startsWith("...")
                && first != ' '
                && !text.endsWith(" ")
                && !text.endsWith(":")
                && !text.contains(": ")
                && !text.contains(" #");
    }
}
