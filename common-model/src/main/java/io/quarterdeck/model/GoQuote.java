package io.quarterdeck.model;

import java.util.Collection;
import java.util.stream.Collectors;

/** Strings and lists of them as Go prints them: messages of upstream name what clients sent in these forms. Pure. */
public final class GoQuote {

    private GoQuote() {}

    /** A string as Go's {@code %q} prints it. */
    public static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                case 0x07 -> out.append("\\a");
                case 0x0b -> out.append("\\v");
                default -> {
                    if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                        // Half a pair is no character: Go has read this in its place.
                        out.append('\ufffd');
                    } else if (c < ' ' || c == 0x7f) {
                        out.append("\\x%02x".formatted(c));
                    } else if (printable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        out.append(c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
                    }
                }
            }
        });
        return out.append('"').toString();
    }

    /** {@code ["a" "b"]}, as {@code %q} prints a slice. */
    public static String listed(Collection<String> texts) {
        return texts.stream().map(GoQuote::quote).collect(Collectors.joining(" ", "[", "]"));
    }

    /** {@code []string{"a", "b"}}, as {@code %#v} prints a slice. */
    public static String slice(Collection<String> texts) {
        return texts.isEmpty()
                ? "[]string(nil)"
                : texts.stream().map(GoQuote::quote).collect(Collectors.joining(", ", "[]string{", "}"));
    }

    private static boolean printable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }
}
