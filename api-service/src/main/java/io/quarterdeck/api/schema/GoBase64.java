package io.quarterdeck.api.schema;

import java.util.Base64;

/** Standard base64 with the error texts of Go's encoding/base64; line breaks are skipped. */
public final class GoBase64 {

    private GoBase64() {}

    /** Go's complaint; "" when the text is base64. */
    public static String error(String text) {
        int length = text.length();
        int quantum = 0;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r') {
                continue;
            }
            if (c == '=') {
                return padding(text, i, quantum);
            }
            if (!letter(c)) {
                return at(i);
            }
            quantum = (quantum + 1) & 3;
        }
        return quantum == 0 ? "" : at(length - quantum);
    }

    private static String padding(String text, int first, int quantum) {
        if (quantum < 2) {
            return at(first);
        }
        int i = first + 1;
        if (quantum == 2) {
            while (i < text.length() && (text.charAt(i) == '\n' || text.charAt(i) == '\r')) {
                i++;
            }
            if (i == text.length()) {
                return at(i);
            }
            if (text.charAt(i) != '=') {
                return at(i);
            }
            i++;
        }
        while (i < text.length() && (text.charAt(i) == '\n' || text.charAt(i) == '\r')) {
            i++;
        }
        return i < text.length() ? at(i) : "";
    }

    private static boolean letter(char c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/';
    }

    private static String at(int offset) {
        return "illegal base64 data at input byte " + offset;
    }

    /** The text without line breaks, as Go writes it again. */
    static String canonical(String text) {
        return text.indexOf('\n') < 0 && text.indexOf('\r') < 0
                ? text
                : text.replace("\n", "").replace("\r", "");
    }

    static byte[] decode(String text) {
        return Base64.getDecoder().decode(canonical(text));
    }
}
