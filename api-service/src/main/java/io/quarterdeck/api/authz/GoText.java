package io.quarterdeck.api.authz;

import java.util.List;
import java.util.stream.Collectors;

/** Text as upstream's messages show it: quoted strings, lists of them. */
final class GoText {

    private GoText() {}

    static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** {@code ["a" "b"]}, as %q prints a slice. */
    static String listed(List<String> values) {
        return values.stream().map(GoText::quote).collect(Collectors.joining(" ", "[", "]"));
    }

    /** {@code []string{"a", "b"}}, as %#v prints a slice. */
    static String slice(List<String> values) {
        return values.isEmpty()
                ? "[]string(nil)"
                : values.stream().map(GoText::quote).collect(Collectors.joining(", ", "[]string{", "}"));
    }
}
