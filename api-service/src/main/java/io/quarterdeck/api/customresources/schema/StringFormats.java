package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.model.Addresses;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The formats that strings may be asked to have. All expressions match in time linear to the text.
 *
 * <p>Source: kube-openapi, pkg/validation/strfmt; Kubernetes documentation, "Validation" of custom resources.
 */
public final class StringFormats {

    private static final Set<String> INTEGERS = Set.of("int32", "int64");
    private static final Set<String> NUMBERS = Set.of("float", "double");
    private static final String HEX = "[0-9a-fA-F]";
    private static final Pattern UUID =
            Pattern.compile("%1$s{8}-?%1$s{4}-?(%1$s)%1$s{3}-?(%1$s)%1$s{3}-?%1$s{12}".formatted(HEX));
    private static final Pattern SHORT_NAME = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern TIME =
            Pattern.compile("([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))");
    private static final Pattern DATE = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})");
    private static final Pattern GO_DURATION =
            Pattern.compile("[-+]?(0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)");
    private static final Pattern WORDY_DURATION = Pattern.compile("(\\d+)\\s*([A-Za-zµ]+)");
    private static final com.google.re2j.Pattern HOSTNAME = com.google.re2j.Pattern.compile(
            "^([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)|([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)(\\.)){1,}([a-zA-Z\\p{L}]){2,63})$");
    private static final com.google.re2j.Pattern MAIL =
            com.google.re2j.Pattern.compile("^[^\\s<>@,;:\"()\\[\\]\\\\]+@[^\\s<>@,;:\"()\\[\\]\\\\]+$");
    private static final com.google.re2j.Pattern CREDIT_CARD = com.google.re2j.Pattern.compile(
            "^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\\d{3})\\d{11})$");
    private static final Set<String> UNITS = Set.of("ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk");
    private static final Set<String> UNIT_WORDS = Set.of("nano", "micro", "milli", "sec", "min", "hour", "day", "week");
    private static final Map<String, Predicate<String>> CHECKS = checks();

    private StringFormats() {}

    private static Map<String, Predicate<String>> checks() {
        Map<String, Predicate<String>> checks = new HashMap<>();
        checks.put("bsonobjectid", matching(HEX + "{24}"));
        checks.put("uri", StringFormats::isRequestUri);
        checks.put("email", StringFormats::isMail);
        checks.put("hostname", StringFormats::isHostname);
        checks.put("ipv4", text -> Addresses.parse(text) != null && text.contains("."));
        checks.put("ipv6", text -> Addresses.parse(text) != null && text.contains(":"));
        checks.put("cidr", text -> Addresses.parseBlock(text) != null);
        checks.put(
                "mac",
                matching("(%1$s{2}([:-]))(%1$s{2}\\2){4}(%1$s{2}|%1$s{2}(\\2%1$s{2}){2}|%1$s{2}(\\2%1$s{2}){14})"
                                .formatted(HEX))
                        .or(matching(
                                "%1$s{4}(\\.%1$s{4}){2}|%1$s{4}(\\.%1$s{4}){3}|%1$s{4}(\\.%1$s{4}){9}".formatted(HEX)))
                        .or(matching("%1$s{12}|%1$s{16}|%1$s{40}".formatted(HEX))));
        checks.put("uuid", text -> UUID.matcher(text).matches());
        checks.put("uuid3", text -> isUuid(text, "3", ""));
        checks.put("uuid4", text -> isUuid(text, "4", "89abAB"));
        checks.put("uuid5", text -> isUuid(text, "5", "89abAB"));
        checks.put("isbn", text -> isIsbn10(text) || isIsbn13(text));
        checks.put("isbn10", StringFormats::isIsbn10);
        checks.put("isbn13", StringFormats::isIsbn13);
        checks.put("creditcard", StringFormats::isCreditCard);
        checks.put("ssn", matching("\\d{3}[- ]?\\d{2}[- ]?\\d{4}"));
        checks.put("hexcolor", matching("#?(%1$s{3}|%1$s{6})".formatted(HEX)));
        checks.put(
                "rgbcolor",
                matching("rgb\\(\\s*%1$s\\s*,\\s*%1$s\\s*,\\s*%1$s\\s*\\)"
                        .formatted("(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])")));
        checks.put("byte", matching("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"));
        checks.put("password", text -> true);
        checks.put("date", StringFormats::isDate);
        checks.put("duration", StringFormats::isDuration);
        checks.put("datetime", StringFormats::isDateTime);
        checks.put(
                "k8sshortname",
                text -> text.length() <= 63 && SHORT_NAME.matcher(text).matches());
        checks.put("k8slongname", StringFormats::isLongName);
        return Map.copyOf(checks);
    }

    private static Predicate<String> matching(String expression) {
        Pattern pattern = Pattern.compile(expression);
        return text -> pattern.matcher(text).matches();
    }

    /** The format that values of a schema must have; empty when it is one that means nothing for the type. */
    static String of(JsonSchema schema) {
        return recognized(schema.format(), schema.intOrString() ? "integer,string" : schema.type())
                ? schema.format()
                : "";
    }

    /** Whether a format means something for values of a type. */
    public static boolean recognized(String format, String type) {
        return switch (type) {
            case "", "string" -> known(format);
            case "integer" -> INTEGERS.contains(format);
            case "number" -> NUMBERS.contains(format);
            default -> false;
        };
    }

    static boolean known(String format) {
        return CHECKS.containsKey(format.replace("-", ""));
    }

    static boolean accepts(String format, String text) {
        Predicate<String> check = CHECKS.get(format.replace("-", ""));
        return check == null || check.test(text);
    }

    private static boolean isUuid(String text, String version, String variants) {
        Matcher matcher = UUID.matcher(text);
        return matcher.matches()
                && matcher.group(1).equals(version)
                && (variants.isEmpty() || variants.contains(matcher.group(2)));
    }

    private static boolean isLongName(String text) {
        if (text.length() > 253) {
            return false;
        }
        for (String segment : text.split("\\.", -1)) {
            if (!SHORT_NAME.matcher(segment).matches()) {
                return false;
            }
        }
        return true;
    }

    /** An absolute URI or an absolute path, as Go's url.ParseRequestURI takes it. */
    private static boolean isRequestUri(String text) {
        if (text.startsWith("/")) {
            return text.chars().noneMatch(c -> c <= ' ' || c == 0x7f);
        }
        try {
            return new URI(text.replace("|", "%7C")).isAbsolute();
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** An address, or a name with the address in angle brackets. */
    private static boolean isMail(String text) {
        int open = text.lastIndexOf('<');
        String address = open >= 0 && text.endsWith(">") ? text.substring(open + 1, text.length() - 1) : text.strip();
        return MAIL.matcher(address).matches()
                && !address.startsWith(".")
                && !address.contains("..")
                && !address.contains(".@")
                && !address.endsWith(".");
    }

    private static boolean isHostname(String text) {
        if (text.length() > 255 || !HOSTNAME.matcher(text).find()) {
            return false;
        }
        for (String label : text.split("\\.", -1)) {
            if (label.length() > 63) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIsbn10(String text) {
        String digits = text.replaceAll("[\\s-]", "");
        if (!digits.matches("[0-9]{9}[0-9X]")) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 10; i++) {
            char c = digits.charAt(i);
            sum += (i + 1) * (c == 'X' ? 10 : c - '0');
        }
        return sum % 11 == 0;
    }

    private static boolean isIsbn13(String text) {
        String digits = text.replaceAll("[\\s-]", "");
        if (!digits.matches("[0-9]{13}")) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 12; i++) {
            sum += (i % 2 == 0 ? 1 : 3) * (digits.charAt(i) - '0');
        }
        return (10 - sum % 10) % 10 == digits.charAt(12) - '0';
    }

    private static boolean isCreditCard(String text) {
        String digits = text.replaceAll("[^0-9]+", "");
        if (!CREDIT_CARD.matcher(digits).matches()) {
            return false;
        }
        int sum = 0;
        boolean twice = false;
        for (int i = digits.length() - 1; i >= 0; i--) {
            int digit = digits.charAt(i) - '0';
            int counted = twice ? digit * 2 : digit;
            sum += counted > 9 ? counted - 9 : counted;
            twice = !twice;
        }
        return sum % 10 == 0;
    }

    private static boolean isDate(String text) {
        Matcher matcher = DATE.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        try {
            LocalDate.of(
                    Integer.parseInt(matcher.group(1)),
                    Integer.parseInt(matcher.group(2)),
                    Integer.parseInt(matcher.group(3)));
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isDateTime(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("t", -1);
        if (text.length() < 4 || parts.length < 2 || !isDate(parts[0])) {
            return false;
        }
        Matcher matcher = TIME.matcher(parts[1]);
        return matcher.matches()
                && matcher.group(1).compareTo("23") <= 0
                && matcher.group(2).compareTo("59") <= 0
                && matcher.group(3).compareTo("59") <= 0;
    }

    /** Go's durations, and numbers with units in words wherever they stand. */
    private static boolean isDuration(String text) {
        if (GO_DURATION.matcher(text).matches()) {
            return true;
        }
        Matcher matcher = WORDY_DURATION.matcher(text);
        boolean found = false;
        while (matcher.find()) {
            if (matcher.group(1).length() > 18) {
                return false;
            }
            found |= isUnit(matcher.group(2).toLowerCase(Locale.ROOT));
        }
        return found;
    }

    private static boolean isUnit(String unit) {
        return UNITS.contains(unit) || UNIT_WORDS.stream().anyMatch(unit::startsWith);
    }
}
