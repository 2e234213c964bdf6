package io.quarterdeck.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What strings must look like. Each function returns the problems of a value in upstream's words, none when it is legal.
 *
 * <p>Source: Kubernetes documentation "Object Names and IDs" and "Labels and Selectors"; RFC 1123, 1035, 6335.
 */
public final class Formats {

    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String LABEL_TEXT =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end"
                    + " with an alphanumeric character";
    private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
    private static final String SUBDOMAIN_TEXT =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start"
                    + " and end with an alphanumeric character";
    private static final String UNDERSCORE_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private static final String UNDERSCORE_SUBDOMAIN = UNDERSCORE_LABEL + "(\\." + UNDERSCORE_LABEL + ")*";
    private static final String UNDERSCORE_TEXT =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must"
                    + " start and end with an alphanumeric character";
    private static final String DNS_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private static final String DNS_1035_TEXT =
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character,"
                    + " and end with an alphanumeric character";
    private static final String WILDCARD_TEXT =
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of"
                    + " lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
    private static final String KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final String KEY_TEXT =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    private static final String VALUE_TEXT =
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and"
                    + " end with an alphanumeric character";
    private static final String CONFIG_KEY = "[-._a-zA-Z0-9]+";
    private static final String HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

    private static final Pattern LABEL_PATTERN = Pattern.compile(LABEL);
    private static final Pattern SUBDOMAIN_PATTERN = Pattern.compile(SUBDOMAIN);
    private static final Pattern UNDERSCORE_PATTERN = Pattern.compile(UNDERSCORE_SUBDOMAIN);
    private static final Pattern DNS_1035_PATTERN = Pattern.compile(DNS_1035);
    private static final Pattern WILDCARD_PATTERN = Pattern.compile("\\*\\." + SUBDOMAIN);
    private static final Pattern KEY_PATTERN = Pattern.compile(KEY);
    private static final Pattern CONFIG_KEY_PATTERN = Pattern.compile(CONFIG_KEY);
    private static final Pattern PORT_CHARACTERS = Pattern.compile("[-a-z0-9]+");
    private static final Pattern LETTER = Pattern.compile("[a-z]");
    private static final Pattern PERCENT = Pattern.compile("[0-9]+%");
    private static final Pattern HEADER = Pattern.compile("[-A-Za-z0-9]+");
    private static final Pattern C_IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern HTTP_PATH_PATTERN = Pattern.compile(HTTP_PATH);

    private Formats() {}

    public static List<String> subdomain(String value) {
        List<String> problems = tooLong(value, 253);
        if (!SUBDOMAIN_PATTERN.matcher(value).matches()) {
            problems.add(regex(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com"));
        }
        return problems;
    }

    public static List<String> subdomainWithUnderscore(String value) {
        List<String> problems = tooLong(value, 253);
        if (!UNDERSCORE_PATTERN.matcher(value).matches()) {
            problems.add(regex(UNDERSCORE_TEXT, UNDERSCORE_SUBDOMAIN, "example.com"));
        }
        return problems;
    }

    public static List<String> label(String value) {
        List<String> problems = tooLong(value, 63);
        if (!LABEL_PATTERN.matcher(value).matches()) {
            problems.add(
                    SUBDOMAIN_PATTERN.matcher(value).matches()
                            ? "must not contain dots"
                            : regex(LABEL_TEXT, LABEL, "my-name", "123-abc"));
        }
        return problems;
    }

    public static List<String> dns1035Label(String value) {
        List<String> problems = tooLong(value, 63);
        if (!DNS_1035_PATTERN.matcher(value).matches()) {
            problems.add(regex(DNS_1035_TEXT, DNS_1035, "my-name", "abc-123"));
        }
        return problems;
    }

    public static List<String> wildcardSubdomain(String value) {
        List<String> problems = tooLong(value, 253);
        if (!WILDCARD_PATTERN.matcher(value).matches()) {
            problems.add(regex(WILDCARD_TEXT, "\\*\\." + SUBDOMAIN, "*.example.com"));
        }
        return problems;
    }

    /** A label key, also the form of finalizers, taint keys, condition types and the like. */
    public static List<String> qualifiedName(String value) {
        List<String> problems = new ArrayList<>();
        String[] parts = value.split("/", -1);
        if (parts.length > 2) {
            problems.add("a valid label key " + regex(KEY_TEXT, KEY, "MyName", "my.name", "123-abc")
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
            return problems;
        }
        if (parts.length == 2) {
            if (parts[0].isEmpty()) {
                problems.add("prefix part must be non-empty");
            } else {
                if (bytes(parts[0]) > 253) {
                    problems.add("prefix part must be no more than 253 bytes");
                }
                if (!SUBDOMAIN_PATTERN.matcher(parts[0]).matches()) {
                    problems.add("prefix part " + regex(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com"));
                }
            }
        }
        String name = parts[parts.length - 1];
        if (name.isEmpty()) {
            problems.add("name part must be non-empty");
        } else if (bytes(name) > 63) {
            problems.add("name part must be no more than 63 bytes");
        }
        if (!KEY_PATTERN.matcher(name).matches()) {
            problems.add("name part " + regex(KEY_TEXT, KEY, "MyName", "my.name", "123-abc"));
        }
        return problems;
    }

    public static List<String> labelValue(String value) {
        List<String> problems = new ArrayList<>();
        if (bytes(value) > 63) {
            problems.add("must be no more than 63 bytes");
        }
        if (!value.isEmpty() && !KEY_PATTERN.matcher(value).matches()) {
            problems.add(regex(VALUE_TEXT, "(" + KEY + ")?", "MyValue", "my_value", "12345"));
        }
        return problems;
    }

    public static List<String> configKey(String value) {
        List<String> problems = tooLong(value, 253);
        if (!CONFIG_KEY_PATTERN.matcher(value).matches()) {
            problems.add(regex(
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                    CONFIG_KEY,
                    "key.name",
                    "KEY_NAME",
                    "key-name"));
        }
        if (value.equals(".")) {
            problems.add("must not be '.'");
        } else if (value.equals("..")) {
            problems.add("must not be '..'");
        } else if (value.startsWith("..")) {
            problems.add("must not start with '..'");
        }
        return problems;
    }

    public static List<String> environmentName(String value) {
        List<String> problems = new ArrayList<>();
        if (value.isEmpty()) {
            problems.add("environment variable name must be non-empty");
        }
        if (value.chars().anyMatch(c -> c < ' ' || c > '~' || c == '=')) {
            problems.add(
                    "a valid environment variable name must consist only of printable ASCII characters other than '='");
        }
        return problems;
    }

    public static List<String> portName(String value) {
        List<String> problems = tooLong(value, 15);
        if (!PORT_CHARACTERS.matcher(value).matches()) {
            problems.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (!LETTER.matcher(value).find()) {
            problems.add("must contain at least one letter (a-z)");
        }
        if (value.contains("--")) {
            problems.add("must not contain consecutive hyphens");
        }
        if (value.startsWith("-") || value.endsWith("-")) {
            problems.add("must not begin or end with a hyphen");
        }
        return problems;
    }

    public static List<String> percent(String value) {
        return PERCENT.matcher(value).matches()
                ? List.of()
                : List.of(regex(
                        "a valid percent string must be a numeric string followed by an ending '%'",
                        "[0-9]+%", "1%", "93%"));
    }

    public static List<String> httpHeader(String value) {
        return HEADER.matcher(value).matches()
                ? List.of()
                : List.of(regex(
                        "a valid HTTP header must consist of alphanumeric characters or '-'",
                        "[-A-Za-z0-9]+",
                        "X-Header-Name"));
    }

    public static List<String> cIdentifier(String value) {
        return C_IDENTIFIER.matcher(value).matches()
                ? List.of()
                : List.of(regex(
                        "a valid C identifier must start with alphabetic character or '_', followed by a string of"
                                + " alphanumeric characters or '_'",
                        "[A-Za-z_][A-Za-z0-9_]*",
                        "my_name",
                        "MY_NAME",
                        "MyName"));
    }

    /** What may stand alone between two slashes of a URL. */
    public static List<String> pathSegment(String value) {
        return switch (value) {
            case "." -> List.of("may not be '.'");
            case ".." -> List.of("may not be '..'");
            default -> pathSegmentPrefix(value);
        };
    }

    public static List<String> pathSegmentPrefix(String value) {
        List<String> problems = new ArrayList<>();
        if (value.contains("/")) {
            problems.add("may not contain '/'");
        }
        if (value.contains("%")) {
            problems.add("may not contain '%'");
        }
        return problems;
    }

    public static List<String> httpPath(String value) {
        return HTTP_PATH_PATTERN.matcher(value).matches() ? List.of() : List.of(regex("Invalid path", HTTP_PATH));
    }

    public static List<String> port(long value) {
        return range(value, 1, 65535);
    }

    public static List<String> range(long value, long low, long high) {
        return value >= low && value <= high
                ? List.of()
                : List.of("must be between %d and %d, inclusive".formatted(low, high));
    }

    /** The names that a prefix plus a drawn suffix can give: a trailing dash is fine there. */
    public static String maskTrailingDash(String name) {
        return name.length() > 1 && name.endsWith("-") ? name.substring(0, name.length() - 2) + "a" : name;
    }

    public static String lower(String value) {
        return value.toLowerCase(Locale.ROOT);
    }

    public static int bytes(String value) {
        return value.getBytes(StandardCharsets.UTF_8).length;
    }

    private static List<String> tooLong(String value, int limit) {
        List<String> problems = new ArrayList<>();
        if (bytes(value) > limit) {
            problems.add("must be no more than %d characters".formatted(limit));
        }
        return problems;
    }

    private static String regex(String text, String pattern, String... examples) {
        if (examples.length == 0) {
            return text + " (regex used for validation is '" + pattern + "')";
        }
        StringBuilder message = new StringBuilder(text).append(" (e.g. ");
        for (int i = 0; i < examples.length; i++) {
            message.append(i > 0 ? " or " : "").append('\'').append(examples[i]).append("', ");
        }
        return message.append("regex used for validation is '")
                .append(pattern)
                .append("')")
                .toString();
    }
}
