package io.quarterdeck.api.schema;

import io.quarterdeck.model.GoQuote;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.databind.JsonNode;

/**
 * Says what is wrong with JSON in the words of Go's encoding/json. Used once a parse has failed, so that clients read
 * the text they know.
 */
public final class GoJson {

    /** As deep as the parser goes; Go's own goes to 10,000, which no object needs. */
    private static final int MOST_DEPTH = StreamReadConstraints.DEFAULT_MAX_DEPTH;

    private static final String TOO_DEEP = "exceeded max depth";

    /** As long as the parser takes numbers and names; Go's has no such limits, but no object needs more. */
    private static final int LONGEST_NUMBER = StreamReadConstraints.DEFAULT_MAX_NUM_LEN;

    private static final int LONGEST_NAME = StreamReadConstraints.DEFAULT_MAX_NAME_LEN;

    private final byte[] data;

    private int at;
    private int depth;

    private static final class Fault extends RuntimeException {
        Fault(String message) {
            super(message, null, false, false);
        }
    }

    private GoJson(byte[] data) {
        this.data = data;
    }

    /** How Go's JSON calls what stands there, in its messages about types. */
    public static String word(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case BOOLEAN -> "bool";
            default -> "number";
        };
    }

    /** What Go says of a value that does not fit a type. */
    public static String misfit(JsonNode found, String type) {
        return misfit(word(found), type);
    }

    /** The same where Go says of which of a struct's fields: {@code idToken.sub}. */
    public static String misfit(JsonNode found, String field, String type) {
        return misfit(word(found), field, type);
    }

    /** @param found as {@link #word} calls it; a number with its text where that is what does not fit */
    public static String misfit(String found, String type) {
        return "json: cannot unmarshal %s into Go value of type %s".formatted(found, type);
    }

    /** @param found as {@link #word} calls it; a number with its text where that is what does not fit */
    public static String misfit(String found, String field, String type) {
        return "json: cannot unmarshal %s into Go struct field %s of type %s".formatted(found, field, type);
    }

    /** The first syntax error in {@code data}; "" when there is none. */
    public static String syntaxError(byte[] data) {
        GoJson scanner = new GoJson(data);
        try {
            scanner.space();
            scanner.value();
            scanner.space();
            if (scanner.at < data.length) {
                throw scanner.unexpected("after top-level value");
            }
            return "";
        } catch (Fault fault) {
            return String.valueOf(fault.getMessage());
        } catch (StackOverflowError tooDeep) {
            // Before the limit is reached: how deep a thread can go is not ours to say.
            return TOO_DEEP;
        }
    }

    private void value() {
        int c = peek();
        switch (c) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> {
                if (c == '-' || digit(c)) {
                    int number = at;
                    number();
                    atMost(LONGEST_NUMBER, number, "number");
                } else {
                    throw unexpected("looking for beginning of value");
                }
            }
        }
    }

    private void object() {
        enter();
        space();
        if (peek() == '}') {
            leave();
            return;
        }
        while (true) {
            if (peek() != '"') {
                throw unexpected("looking for beginning of object key string");
            }
            int name = at;
            string();
            atMost(LONGEST_NAME, name, "object key");
            space();
            if (peek() != ':') {
                throw unexpected("after object key");
            }
            at++;
            space();
            value();
            space();
            int c = peek();
            if (c == '}') {
                leave();
                return;
            }
            if (c != ',') {
                throw unexpected("after object key:value pair");
            }
            at++;
            space();
        }
    }

    private void array() {
        enter();
        space();
        if (peek() == ']') {
            leave();
            return;
        }
        while (true) {
            value();
            space();
            int c = peek();
            if (c == ']') {
                leave();
                return;
            }
            if (c != ',') {
                throw unexpected("after array element");
            }
            at++;
            space();
        }
    }

    private void atMost(int length, int start, String what) {
        if (at - start > length) {
            throw new Fault("%s of more than %d characters".formatted(what, length));
        }
    }

    private void enter() {
        if (++depth > MOST_DEPTH) {
            throw new Fault(TOO_DEEP);
        }
        at++;
    }

    private void leave() {
        depth--;
        at++;
    }

    private void string() {
        at++;
        while (true) {
            int c = peek();
            if (c == '"') {
                at++;
                return;
            }
            if (c < 0x20) {
                throw unexpected("in string literal");
            }
            at++;
            if (c == '\\') {
                int escape = within();
                if (escape == 'u') {
                    at++;
                    for (int i = 0; i < 4; i++, at++) {
                        if (Character.digit(within(), 16) < 0) {
                            throw unexpected("in \\u hexadecimal character escape");
                        }
                    }
                } else if ("bfnrt\\/\"".indexOf(escape) >= 0) {
                    at++;
                } else {
                    throw unexpected("in string escape code");
                }
            }
        }
    }

    private void literal(String word) {
        for (int i = 0; i < word.length(); i++, at++) {
            if (within() != word.charAt(i)) {
                throw unexpected("in literal %s (expecting %s)".formatted(word, quote(word.charAt(i))));
            }
        }
    }

    private void number() {
        if (peek() == '-') {
            at++;
            if (!digit(within())) {
                throw unexpected("in numeric literal");
            }
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < data.length && data[at] == '.') {
            at++;
            if (!digit(within())) {
                throw unexpected("after decimal point in numeric literal");
            }
            digits();
        }
        if (at < data.length && (data[at] == 'e' || data[at] == 'E')) {
            at++;
            int c = within();
            if (c == '+' || c == '-') {
                at++;
            }
            if (!digit(within())) {
                throw unexpected("in exponent of numeric literal");
            }
            digits();
        }
    }

    private void digits() {
        while (at < data.length && digit(data[at])) {
            at++;
        }
    }

    private void space() {
        while (at < data.length && (data[at] == ' ' || data[at] == '\t' || data[at] == '\r' || data[at] == '\n')) {
            at++;
        }
    }

    private int peek() {
        if (at >= data.length) {
            throw new Fault("unexpected end of JSON input");
        }
        return data[at] & 0xff;
    }

    /** Inside a word that has to go on. Go tells the end of the text by reading a space there. */
    private int within() {
        return at < data.length ? data[at] & 0xff : ' ';
    }

    private static boolean digit(int c) {
        return c >= '0' && c <= '9';
    }

    private Fault unexpected(String where) {
        return new Fault("invalid character " + quote(within()) + " " + where);
    }

    private static String quote(int c) {
        if (c == '\'') {
            return "'\\''";
        }
        if (c == '"') {
            return "'\"'";
        }
        String quoted = GoQuote.quote(String.valueOf((char) c));
        return "'" + quoted.substring(1, quoted.length() - 1) + "'";
    }

    /** A few bytes of a body for an error text, as upstream shows them. */
    static String summary(byte[] data) {
        int most = 30;
        if (data.length == 0) {
            return "<empty>";
        }
        boolean cut = data.length > most;
        String more = cut ? " ..." : "";
        if (data[0] == '{') {
            return new String(data, 0, cut ? most : data.length, StandardCharsets.UTF_8) + more;
        }
        return HexFormat.of().formatHex(data, 0, cut ? most : data.length).toLowerCase(Locale.ROOT) + more;
    }
}
