package io.quarterdeck.system.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A request as it goes over the wire.
 *
 * @param target path and query, byte for byte (ISO 8859-1)
 * @param body may be empty
 */
record Request(String method, String target, Map<String, String> headers, byte[] body) {
    /** As a curl user would need it to see the same. */
    String shown() {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        return method + " " + cut(target, 300) + " " + headers + (text.isEmpty() ? "" : "\n    " + cut(text, 1_500));
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length) + "... (" + text.length() + ")";
    }
}
