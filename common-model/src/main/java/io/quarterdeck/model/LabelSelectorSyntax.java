package io.quarterdeck.model;

import io.quarterdeck.model.LabelSelector.Operator;
import io.quarterdeck.model.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads label selectors as clients write them: {@code app=web,tier in (front,back),!old}. Pure. Not thread-safe; one reads
 * one selector.
 *
 * <p>Source: Kubernetes documentation, "Labels and Selectors"; messages as in apimachinery, labels.
 */
public final class LabelSelectorSyntax {

    private static final String OPERATORS = "in, notin, =, ==, !=, gt, lt";
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern DOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final String NAME_RULE =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and"
                    + " end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
                    + " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private static final String VALUE_RULE =
            "a valid label must be an empty string or consist of alphanumeric characters,"
                    + " '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value', "
                    + " or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private static final String DOMAIN_RULE = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
            + " characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex"
            + " used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private static final int LONGEST_DOMAIN = 253;

    private enum Kind {
        END,
        WORD,
        SYMBOL,
        COMMA,
        OPEN,
        CLOSE
    }

    private record Token(Kind kind, String text) {}

    private final List<Token> tokens = new ArrayList<>();
    private int place;

    private LabelSelectorSyntax(String whole) {
        // To Go's scanner, a NUL is the end.
        String text = whole.indexOf(0) < 0 ? whole : whole.substring(0, whole.indexOf(0));
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int from = i;
            if (Character.isWhitespace(c)) {
                i++;
            } else if (c == ',' || c == '(' || c == ')') {
                tokens.add(new Token(c == ',' ? Kind.COMMA : c == '(' ? Kind.OPEN : Kind.CLOSE, String.valueOf(c)));
                i++;
            } else if ("=!<>".indexOf(c) >= 0) {
                i += (c == '=' || c == '!') && i + 1 < text.length() && text.charAt(i + 1) == '=' ? 2 : 1;
                tokens.add(new Token(Kind.SYMBOL, text.substring(from, i)));
            } else {
                while (i < text.length()
                        && !Character.isWhitespace(text.charAt(i))
                        && "=!<>,()".indexOf(text.charAt(i)) < 0) {
                    i++;
                }
                tokens.add(new Token(Kind.WORD, text.substring(from, i)));
            }
        }
        tokens.add(new Token(Kind.END, ""));
    }

    /** @throws IllegalArgumentException with upstream's message when {@code text} is no selector */
    public static LabelSelector parse(String text) {
        return new LabelSelector(new LabelSelectorSyntax(text).requirements());
    }

    private Token peek() {
        return tokens.get(place);
    }

    private Token take() {
        Token token = tokens.get(place);
        place = Math.min(place + 1, tokens.size() - 1);
        return token;
    }

    private static boolean starts(Token token) {
        return token.kind() == Kind.WORD || token.text().equals("!");
    }

    private static IllegalArgumentException found(Token token, String expected) {
        return new IllegalArgumentException("found '" + token.text() + "', expected: " + expected);
    }

    private List<Requirement> requirements() {
        List<Requirement> requirements = new ArrayList<>();
        while (true) {
            Token next = peek();
            if (next.kind() == Kind.END) {
                return requirements;
            }
            if (!starts(next)) {
                throw found(next, "!, identifier, or 'end of string'");
            }
            try {
                requirements.add(requirement());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("unable to parse requirement: " + e.getMessage());
            }
            Token separator = take();
            switch (separator.kind()) {
                case END -> {
                    return requirements;
                }
                case COMMA -> {
                    if (!starts(peek())) {
                        throw found(peek(), "identifier after ','");
                    }
                }
                default -> throw found(separator, "',' or 'end of string'");
            }
        }
    }

    private Requirement requirement() {
        Token first = take();
        boolean absent = first.text().equals("!");
        Token key = absent ? take() : first;
        if (key.kind() != Kind.WORD) {
            throw found(key, "identifier");
        }
        checkKey(key.text());
        if (absent) {
            return new Requirement(key.text(), Operator.DOES_NOT_EXIST, Set.of());
        }
        if (peek().kind() == Kind.END || peek().kind() == Kind.COMMA) {
            return new Requirement(key.text(), Operator.EXISTS, Set.of());
        }
        Token operator = take();
        Set<String> values = new LinkedHashSet<>();
        Operator meaning = switch (operator.text()) {
            case "in" -> Operator.IN;
            case "notin" -> Operator.NOT_IN;
            case "=", "==" -> Operator.IN;
            case "!=" -> Operator.NOT_IN;
            case ">" -> Operator.GREATER_THAN;
            case "<" -> Operator.LESS_THAN;
            default -> throw found(operator, OPERATORS);
        };
        if (operator.text().equals("in") || operator.text().equals("notin")) {
            set(values);
        } else {
            values.add(exactValue());
        }
        check(key.text(), meaning, values);
        return new Requirement(key.text(), meaning, values);
    }

    private String exactValue() {
        Token next = peek();
        if (next.kind() == Kind.END || next.kind() == Kind.COMMA) {
            return "";
        }
        Token value = take();
        if (value.kind() != Kind.WORD) {
            throw found(value, "identifier");
        }
        return value.text();
    }

    private void set(Set<String> values) {
        Token open = take();
        if (open.kind() != Kind.OPEN) {
            throw new IllegalArgumentException("found '" + open.text() + "' expected: '('");
        }
        if (peek().kind() == Kind.CLOSE) {
            take();
            values.add("");
            return;
        }
        if (peek().kind() != Kind.WORD && peek().kind() != Kind.COMMA) {
            throw found(peek(), "',', ')' or identifier");
        }
        while (true) {
            Token token = take();
            if (token.kind() == Kind.WORD) {
                values.add(token.text());
                if (peek().kind() == Kind.CLOSE) {
                    take();
                    return;
                }
                if (peek().kind() != Kind.COMMA) {
                    throw found(peek(), "',' or ')'");
                }
            } else if (token.kind() == Kind.COMMA) {
                if (values.isEmpty()) {
                    values.add("");
                }
                if (peek().kind() == Kind.CLOSE) {
                    take();
                    values.add("");
                    return;
                }
                if (peek().kind() == Kind.COMMA) {
                    take();
                    values.add("");
                }
            } else {
                throw found(token, "',', or identifier");
            }
        }
    }

    private static void checkKey(String key) {
        List<String> faults = new ArrayList<>();
        int slash = key.indexOf('/');
        String name = key.substring(slash + 1);
        if (slash >= 0 && key.indexOf('/', slash + 1) >= 0) {
            faults.add("a valid label key " + NAME_RULE
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
        } else {
            if (slash == 0) {
                faults.add("prefix part must be non-empty");
            } else if (slash > LONGEST_DOMAIN) {
                faults.add("prefix part must be no more than " + LONGEST_DOMAIN + " bytes");
            }
            if (slash > 0 && !DOMAIN.matcher(key.substring(0, slash)).matches()) {
                faults.add("prefix part " + DOMAIN_RULE);
            }
            if (name.isEmpty()) {
                faults.add("name part must be non-empty");
            } else if (name.length() > 63) {
                faults.add("name part must be no more than 63 bytes");
            }
            if (!NAME.matcher(name).matches()) {
                faults.add("name part " + NAME_RULE);
            }
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(
                    "<nil>: Invalid value: " + GoQuote.quote(key) + ": " + String.join("; ", faults));
        }
    }

    private static void check(String key, Operator operator, Set<String> values) {
        if (operator == Operator.GREATER_THAN || operator == Operator.LESS_THAN) {
            String bound = values.iterator().next();
            try {
                Long.parseLong(bound);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("values[0]: Invalid value: " + GoQuote.quote(bound)
                        + ": for 'Gt', 'Lt' operators, the value must be an integer");
            }
        }
        int i = 0;
        for (String value : values) {
            List<String> faults = new ArrayList<>();
            if (value.length() > 63) {
                faults.add("must be no more than 63 bytes");
            }
            if (!value.isEmpty() && !NAME.matcher(value).matches()) {
                faults.add(VALUE_RULE);
            }
            if (!faults.isEmpty()) {
                throw new IllegalArgumentException("values[%d][%s]: Invalid value: %s: %s"
                        .formatted(i, key, GoQuote.quote(value), String.join("; ", faults)));
            }
            i++;
        }
    }
}
