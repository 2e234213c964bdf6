package io.quarterdeck.cel;

import io.quarterdeck.model.Formats;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The formats that {@code format.named(name)} knows.
 *
 * <p>Source: Kubernetes documentation, "Common Expression Language in Kubernetes": format library.
 */
enum NamedFormat {
    DNS_1123_LABEL("dns1123Label", 30, Formats::label),
    DNS_1123_SUBDOMAIN("dns1123Subdomain", 60, Formats::subdomain),
    DNS_1035_LABEL("dns1035Label", 30, Formats::dns1035Label),
    QUALIFIED_NAME("qualifiedName", 60, Formats::qualifiedName),
    DNS_1123_LABEL_PREFIX("dns1123LabelPrefix", 30, text -> Formats.label(Formats.maskTrailingDash(text))),
    DNS_1123_SUBDOMAIN_PREFIX("dns1123SubdomainPrefix", 60, text -> Formats.subdomain(Formats.maskTrailingDash(text))),
    DNS_1035_LABEL_PREFIX("dns1035LabelPrefix", 30, text -> Formats.dns1035Label(Formats.maskTrailingDash(text))),
    LABEL_VALUE("labelValue", 40, Formats::labelValue),
    URI_REFERENCE("uri", 1000, NamedFormat::uri),
    UUID("uuid", 60, text -> check(NamedFormat.isUuid(text), "does not match the UUID format")),
    BYTE("byte", 100, text -> check(isBase64(text), "invalid base64")),
    DATE("date", 80, text -> check(isDate(text), "invalid date")),
    DATETIME("datetime", 80, text -> check(isDateTime(text), "invalid datetime"));

    private static final class Patterns {
        static final Pattern UUID =
                Pattern.compile("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");
    }

    private final String shown;
    private final int regexSize;
    private final Function<String, List<String>> findings;

    NamedFormat(String shown, int regexSize, Function<String, List<String>> findings) {
        this.shown = shown;
        this.regexSize = regexSize;
        this.findings = findings;
    }

    static Optional<NamedFormat> named(String name) {
        return Arrays.stream(values())
                .filter(format -> format.shown.equals(name))
                .findFirst();
    }

    String shown() {
        return shown;
    }

    /** About how long the pattern is: what a check costs. */
    int regexSize() {
        return regexSize;
    }

    /** @return what is wrong; empty when nothing is */
    List<String> findings(String text) {
        return findings.apply(text);
    }

    private static List<String> check(boolean good, String finding) {
        return good ? List.of() : List.of(finding);
    }

    private static List<String> uri(String text) {
        try {
            URI uri = new URI(text);
            boolean good = uri.isAbsolute() || text.startsWith("/");
            return check(good, "parse \"%s\": invalid URI for request".formatted(text));
        } catch (URISyntaxException e) {
            return List.of("parse \"%s\": invalid URI for request".formatted(text));
        }
    }

    private static boolean isUuid(String text) {
        return Patterns.UUID.matcher(text).matches();
    }

    private static boolean isBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
            return text.length() % 4 == 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isDate(String text) {
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isDateTime(String text) {
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
