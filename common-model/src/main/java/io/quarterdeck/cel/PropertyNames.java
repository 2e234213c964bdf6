package io.quarterdeck.cel;

import java.util.Optional;
import java.util.Set;

/**
 * How expressions call properties whose names are no identifiers. Pure.
 *
 * <p>Source: Kubernetes documentation, "Validation rules": property names.
 */
public final class PropertyNames {

    private static final Set<String> RESERVED = Set.of(
            "true",
            "false",
            "null",
            "in",
            "as",
            "break",
            "const",
            "continue",
            "else",
            "for",
            "function",
            "if",
            "import",
            "let",
            "loop",
            "package",
            "namespace",
            "return",
            "var",
            "void",
            "while");

    private PropertyNames() {}

    /** @return the name to use; empty when expressions cannot name the property */
    public static Optional<String> escape(String property) {
        if (property.isEmpty() || Character.isDigit(property.charAt(0))) {
            return Optional.empty();
        }
        if (RESERVED.contains(property)) {
            return Optional.of("__" + property + "__");
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < property.length(); i++) {
            char c = property.charAt(i);
            if (c == '_' && i + 1 < property.length() && property.charAt(i + 1) == '_') {
                out.append("__underscores__");
                i++;
            } else if (c == '.') {
                out.append("__dot__");
            } else if (c == '-') {
                out.append("__dash__");
            } else if (c == '/') {
                out.append("__slash__");
            } else if (c == '_' || (c < 0x80 && Character.isLetterOrDigit(c))) {
                out.append(c);
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(out.toString());
    }
}
