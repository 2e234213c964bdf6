package io.quarterdeck.system.fuzz;

import java.util.ArrayList;
import java.util.List;

/** JSON as text can hold it: keys may repeat, and a literal need not be JSON at all. */
sealed interface Shape {
    record Fields(List<Entry> entries) implements Shape {}

    record Items(List<Shape> items) implements Shape {}

    /** @param text stands in the body as it is */
    record Literal(String text) implements Shape {}

    record Entry(String name, Shape value) {}

    static Fields fields(Object... namesAndValues) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            entries.add(new Entry((String) namesAndValues[i], (Shape) namesAndValues[i + 1]));
        }
        return new Fields(entries);
    }

    static Literal string(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append("\\u%04x".formatted((int) c));
            } else {
                quoted.append(c);
            }
        }
        return new Literal(quoted.append('"').toString());
    }

    static String text(Shape shape) {
        StringBuilder text = new StringBuilder();
        write(shape, text);
        return text.toString();
    }

    private static void write(Shape shape, StringBuilder text) {
        switch (shape) {
            case Literal literal -> text.append(literal.text());
            case Items items -> {
                String separator = "[";
                for (Shape item : items.items()) {
                    text.append(separator);
                    write(item, text);
                    separator = ",";
                }
                text.append(items.items().isEmpty() ? "[]" : "]");
            }
            case Fields fields -> {
                String separator = "{";
                for (Entry entry : fields.entries()) {
                    text.append(separator).append(string(entry.name()).text()).append(':');
                    write(entry.value(), text);
                    separator = ",";
                }
                text.append(fields.entries().isEmpty() ? "{}" : "}");
            }
        }
    }
}
