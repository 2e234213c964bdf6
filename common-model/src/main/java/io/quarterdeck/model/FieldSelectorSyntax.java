package io.quarterdeck.model;

import io.quarterdeck.model.FieldSelector.Requirement;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads field selectors as clients write them: {@code spec.nodeName=a,status.phase!=Failed}. In values, {@code \} escapes
 * comma, equals sign and itself. Pure.
 */
public final class FieldSelectorSyntax {

    private FieldSelectorSyntax() {}

    /** @throws IllegalArgumentException with upstream's message when {@code text} is no selector */
    public static FieldSelector parse(String text) {
        List<Requirement> requirements = new ArrayList<>();
        for (String term : terms(text)) {
            if (!term.isEmpty()) {
                Requirement requirement = requirement(text, term);
                if (!requirement.field().isEmpty() || !requirement.value().isEmpty()) {
                    requirements.add(requirement);
                }
            }
        }
        return new FieldSelector(requirements);
    }

    private static List<String> terms(String text) {
        List<String> terms = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == ',') {
                terms.add(text.substring(from, i));
                from = i + 1;
            }
        }
        terms.add(text.substring(Math.min(from, text.length())));
        return terms;
    }

    private static Requirement requirement(String selector, String term) {
        for (int i = 0; i < term.length(); i++) {
            if (term.startsWith("!=", i)) {
                return new Requirement(term.substring(0, i), false, unescape(term.substring(i + 2)));
            }
            if (term.startsWith("==", i)) {
                return new Requirement(term.substring(0, i), true, unescape(term.substring(i + 2)));
            }
            if (term.charAt(i) == '=') {
                return new Requirement(term.substring(0, i), true, unescape(term.substring(i + 1)));
            }
        }
        throw new IllegalArgumentException("invalid selector: '%s'; can't understand '%s'".formatted(selector, term));
    }

    private static String unescape(String value) {
        StringBuilder plain = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                i++;
                if (i == value.length() || ",=\\".indexOf(value.charAt(i)) < 0) {
                    throw new IllegalArgumentException("invalid field selector: invalid escape sequence: "
                            + (i == value.length() ? "\\" : "\\" + value.charAt(i)));
                }
                plain.append(value.charAt(i));
            } else if (c == ',' || c == '=') {
                throw new IllegalArgumentException(
                        "invalid field selector: unescaped character in value: %d".formatted((int) c));
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
