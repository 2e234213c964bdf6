package io.quarterdeck.node.pods;

import java.util.Map;

/**
 * Replaces {@code $(NAME)} by the variable's value. {@code $$} is a dollar sign; a name that is not defined stays as it
 * was written. Pure. Source: "Define dependent environment variables".
 */
final class Expansion {

    private Expansion() {}

    static String expand(String text, Map<String, String> variables) {
        StringBuilder result = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '$' && i + 1 < text.length()) {
                char next = text.charAt(i + 1);
                if (next == '$') {
                    result.append('$');
                    i += 2;
                    continue;
                }
                int end = next == '(' ? text.indexOf(')', i + 2) : -1;
                if (end > 0) {
                    String name = text.substring(i + 2, end);
                    String value = variables.get(name);
                    result.append(value == null ? "$(" + name + ")" : value);
                    i = end + 1;
                    continue;
                }
            }
            result.append(c);
            i++;
        }
        return result.toString();
    }
}
