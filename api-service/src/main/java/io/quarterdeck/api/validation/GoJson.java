package io.quarterdeck.api.validation;

import java.util.Optional;

/** Whether a text is JSON, with Go's words for what is wrong. It checks the grammar only; nothing is built. */
public final class GoJson {

    private static final class Wrong extends RuntimeException {
        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    private final String text;
    private int at;

    private GoJson(String text) {
        this.text = text;
    }

    /** The first problem, in the words of Go's encoding/json; empty when the text is one JSON value. */
    public static Optional<String> problem(String text) {
        GoJson scanner = new GoJson(text);
        try {
            scanner.space();
            scanner.value(0);
            scanner.space();
            if (scanner.at < text.length()) {
                throw scanner.invalid("after top-level value");
            }
            return Optional.empty();
        } catch (Wrong wrong) {
            return Optional.of(String.valueOf(wrong.getMessage()));
        }
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char next() {
        if (at >= text.length()) {
            throw new Wrong("unexpected end of JSON input");
        }
        return text.charAt(at);
    }

    private Wrong invalid(String where) {
        char c = next();
        String shown = c == '\'' ? "'\\''" : c == '"' ? "'\"'" : "'" + c + "'";
        return new Wrong("invalid character %s %s".formatted(shown, where));
    }

    private void value(int depth) {
        if (depth > 10_000) {
            throw new Wrong("exceeded max depth");
        }
        switch (next()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    private void object(int depth) {
        at++;
        space();
        if (next() == '}') {
            at++;
            return;
        }
        while (true) {
            if (next() != '"') {
                throw invalid("looking for beginning of object key string");
            }
            string();
            space();
            if (next() != ':') {
                throw invalid("after object key");
            }
            at++;
            space();
            value(depth + 1);
            space();
            if (next() == '}') {
                at++;
                return;
            }
            if (next() != ',') {
                throw invalid("after object key:value pair");
            }
            at++;
            space();
        }
    }

    private void array(int depth) {
        at++;
        space();
        if (next() == ']') {
            at++;
            return;
        }
        while (true) {
            value(depth + 1);
            space();
            if (next() == ']') {
                at++;
                return;
            }
            if (next() != ',') {
                throw invalid("after array element");
            }
            at++;
            space();
        }
    }

    private void string() {
        at++;
        while (next() != '"') {
            char c = next();
            if (c < ' ') {
                throw invalid("in string literal");
            }
            at++;
            if (c == '\\') {
                if ("\"\\/bfnrtu".indexOf(next()) < 0) {
                    throw invalid("in string escape code");
                }
                boolean unicode = next() == 'u';
                at++;
                for (int i = 0; unicode && i < 4; i++, at++) {
                    if (Character.digit(next(), 16) < 0) {
                        throw invalid("in \\u hexadecimal character escape");
                    }
                }
            }
        }
        at++;
    }

    private void literal(String word) {
        for (int i = 0; i < word.length(); i++, at++) {
            if (next() != word.charAt(i)) {
                throw invalid("in literal %s (expecting '%s')".formatted(word, word.charAt(i)));
            }
        }
    }

    private void number() {
        if (next() == '-') {
            at++;
            if (!Character.isDigit(next())) {
                throw invalid("in numeric literal");
            }
        } else if (next() < '0' || next() > '9') {
            throw invalid("looking for beginning of value");
        }
        if (next() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            if (!Character.isDigit(next())) {
                throw invalid("after decimal point in numeric literal");
            }
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (next() == '+' || next() == '-') {
                at++;
            }
            if (!Character.isDigit(next())) {
                throw invalid("in exponent of numeric literal");
            }
            digits();
        }
    }

    private void digits() {
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
    }
}
