package io.quarterdeck.model;

/** Strings as Go prints them with {@code %q}: messages of upstream name what clients sent in this form. Pure. */
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
                    if (c < ' ' || c == 0x7f) {
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
