package io.quarterdeck.cel;

import io.quarterdeck.cel.Functions.Function;
import io.quarterdeck.model.Quantity;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes' own libraries: URLs, quantities, addresses, formats, versions, authorizer.
 *
 * <p>Source: Kubernetes documentation, "Common Expression Language in Kubernetes".
 */
final class LibraryFunctions {

    private static final Pattern PORT = Pattern.compile("[0-9]*");

    private LibraryFunctions() {}

    static void register(Map<String, Function> all) {
        url(all);
        quantity(all);
        network(all);
        versions(all);
        authorizer(all);
        all.put("format.named", arguments -> NamedFormat.named(text(arguments[0])));
        all.put("validate", arguments -> validate(as(arguments[0], NamedFormat.class), text(arguments[1])));
        for (NamedFormat format : NamedFormat.values()) {
            all.put("format." + format.shown(), arguments -> format);
        }
    }

    private static <T> T as(Object value, Class<T> type) {
        if (type.isInstance(value)) {
            return type.cast(value);
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static String text(Object value) {
        return TextFunctions.text(value);
    }

    private static Optional<Object> validate(NamedFormat format, String text) {
        List<String> findings = format.findings(text);
        return findings.isEmpty() ? Optional.empty() : Optional.of(new ArrayList<Object>(findings));
    }

    private static void url(Map<String, Function> all) {
        all.put(
                "url",
                arguments -> parseUrl(text(arguments[0]))
                        .orElseThrow(() -> new CelEvaluationException(
                                "URL parse error during conversion from string: parse \"%s\": invalid URI for request"
                                        .formatted(text(arguments[0])))));
        all.put("isURL", arguments -> parseUrl(text(arguments[0])).isPresent());
        all.put("getScheme", arguments -> orEmpty(as(arguments[0], URI.class).getScheme()));
        all.put("getHost", arguments -> host(as(arguments[0], URI.class), true));
        all.put("getHostname", arguments -> hostname(as(arguments[0], URI.class)));
        all.put("getPort", arguments -> port(as(arguments[0], URI.class)));
        all.put(
                "getEscapedPath",
                arguments -> orEmpty(as(arguments[0], URI.class).getRawPath()));
        all.put("getQuery", arguments -> query(as(arguments[0], URI.class)));
    }

    /** Absolute, or a path from the root; with spaces, except in the host's name, and with a port that is a number. */
    private static Optional<URI> parseUrl(String text) {
        try {
            URI uri = new URI(text.replace(" ", "%20"));
            boolean good = (uri.isAbsolute() || text.startsWith("/"))
                    && !orEmpty(uri.getRawAuthority()).contains("%20")
                    && PORT.matcher(port(uri)).matches();
            return good ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String host(URI uri, boolean withPort) {
        String authority = orEmpty(uri.getRawAuthority());
        String host = authority.substring(authority.indexOf('@') + 1);
        if (withPort) {
            return host;
        }
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }

    private static String hostname(URI uri) {
        String host = host(uri, false);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private static String port(URI uri) {
        return host(uri, true).substring(host(uri, false).length()).replaceFirst(":", "");
    }

    private static Map<Object, Object> query(URI uri) {
        Map<Object, Object> values = new LinkedHashMap<>();
        for (String part : orEmpty(uri.getRawQuery()).split("&")) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String key = decode(equals < 0 ? part : part.substring(0, equals));
                @SuppressWarnings("unchecked")
                List<Object> list = (List<Object>) values.computeIfAbsent(key, any -> new ArrayList<>());
                list.add(equals < 0 ? "" : decode(part.substring(equals + 1)));
            }
        }
        return values;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static void quantity(Map<String, Function> all) {
        all.put("quantity", arguments -> parseQuantity(text(arguments[0])));
        all.put("isQuantity", arguments -> {
            try {
                Quantity.parse(text(arguments[0]));
                return true;
            } catch (Quantity.FormatException e) {
                return false;
            }
        });
        all.put("sign", arguments -> (long) as(arguments[0], Quantity.class).signum());
        all.put(
                "asApproximateFloat",
                arguments -> as(arguments[0], Quantity.class).value().doubleValue());
        all.put("isInteger", arguments -> isWhole(as(arguments[0], Quantity.class)));
        all.put("asInteger", arguments -> {
            Quantity quantity = as(arguments[0], Quantity.class);
            if (!isWhole(quantity)) {
                throw new CelEvaluationException("cannot convert value to integer");
            }
            return quantity.value().longValueExact();
        });
        all.put("add", arguments -> as(arguments[0], Quantity.class).plus(amount(arguments[1])));
        all.put("sub", arguments -> as(arguments[0], Quantity.class).minus(amount(arguments[1])));
        all.put("isGreaterThan", arguments -> order(arguments) > 0);
        all.put("isLessThan", arguments -> order(arguments) < 0);
        all.put("compareTo", arguments -> (long) Integer.signum(order(arguments)));
    }

    private static Quantity parseQuantity(String text) {
        try {
            return Quantity.parse(text);
        } catch (Quantity.FormatException e) {
            throw new CelEvaluationException(String.valueOf(e.getMessage()));
        }
    }

    private static Quantity amount(Object value) {
        return value instanceof Long number ? Quantity.of(number) : as(value, Quantity.class);
    }

    private static boolean isWhole(Quantity quantity) {
        BigDecimal value = quantity.value();
        return value.stripTrailingZeros().scale() <= 0 && value.toBigInteger().bitLength() < 64;
    }

    private static int order(Object[] arguments) {
        return arguments[0] instanceof Semver version
                ? version.compareTo(as(arguments[1], Semver.class))
                : as(arguments[0], Quantity.class).compareTo(as(arguments[1], Quantity.class));
    }

    private static void network(Map<String, Function> all) {
        all.put("ip", arguments -> arguments[0] instanceof Network.Cidr cidr ? cidr.ip() : ip(text(arguments[0])));
        all.put("isIP", arguments -> Network.Ip.parse(text(arguments[0])).isPresent());
        all.put("ip.isCanonical", arguments -> ip(text(arguments[0])).toString().equals(text(arguments[0])));
        all.put("family", arguments -> as(arguments[0], Network.Ip.class).family());
        all.put(
                "isUnspecified",
                arguments -> as(arguments[0], Network.Ip.class).address().unspecified());
        all.put(
                "isLoopback",
                arguments -> as(arguments[0], Network.Ip.class).address().loopback());
        all.put(
                "isLinkLocalUnicast",
                arguments -> as(arguments[0], Network.Ip.class).address().linkLocal());
        all.put(
                "isLinkLocalMulticast",
                arguments -> as(arguments[0], Network.Ip.class).address().linkLocalMulticast());
        all.put(
                "isGlobalUnicast",
                arguments -> as(arguments[0], Network.Ip.class).isGlobalUnicast());
        all.put("cidr", arguments -> cidr(text(arguments[0])));
        all.put("isCIDR", arguments -> Network.Cidr.parse(text(arguments[0])).isPresent());
        all.put(
                "containsIP",
                arguments -> as(arguments[0], Network.Cidr.class)
                        .contains(
                                arguments[1] instanceof String other
                                        ? Network.Ip.parse(other).orElseThrow(CelEvaluationException::noSuchOverload)
                                        : as(arguments[1], Network.Ip.class)));
        all.put(
                "containsCIDR",
                arguments -> as(arguments[0], Network.Cidr.class)
                        .contains(
                                arguments[1] instanceof String other
                                        ? cidr(other)
                                        : as(arguments[1], Network.Cidr.class)));
        all.put("prefixLength", arguments ->
                (long) as(arguments[0], Network.Cidr.class).block().prefix());
        all.put("masked", arguments -> as(arguments[0], Network.Cidr.class).masked());
    }

    private static Network.Ip ip(String text) {
        return Network.Ip.parse(text).orElseThrow(() -> new CelEvaluationException(Network.whyNoIp(text)));
    }

    private static Network.Cidr cidr(String text) {
        return Network.Cidr.parse(text).orElseThrow(() -> new CelEvaluationException(Network.whyNoCidr(text)));
    }

    private static void versions(Map<String, Function> all) {
        all.put(
                "semver",
                arguments -> version(arguments)
                        .orElseThrow(() -> new CelEvaluationException(
                                "invalid semantic version \"%s\"".formatted(text(arguments[0])))));
        all.put("isSemver", arguments -> version(arguments).isPresent());
        all.put("major", arguments -> as(arguments[0], Semver.class).major());
        all.put("minor", arguments -> as(arguments[0], Semver.class).minor());
        all.put("patch", arguments -> as(arguments[0], Semver.class).patch());
    }

    private static Optional<Semver> version(Object... arguments) {
        boolean loosely = arguments.length > 1 && as(arguments[1], Boolean.class);
        return loosely ? Semver.parseLoosely(text(arguments[0])) : Semver.parse(text(arguments[0]));
    }

    private static void authorizer(Map<String, Function> all) {
        all.put(
                "path",
                arguments -> as(arguments[0], Authorization.Authorizer.class).path(path(text(arguments[1]))));
        all.put(
                "group",
                arguments -> as(arguments[0], Authorization.Authorizer.class).group(text(arguments[1])));
        all.put(
                "serviceAccount",
                arguments ->
                        as(arguments[0], Authorization.Authorizer.class).as(text(arguments[1]), text(arguments[2])));
        all.put(
                "resource",
                arguments -> as(arguments[0], Authorization.GroupCheck.class).resource(text(arguments[1])));
        all.put(
                "subresource",
                arguments -> as(arguments[0], Authorization.ResourceCheck.class).withSubresource(text(arguments[1])));
        all.put(
                "namespace",
                arguments -> as(arguments[0], Authorization.ResourceCheck.class).inNamespace(text(arguments[1])));
        all.put(
                "name",
                arguments -> as(arguments[0], Authorization.ResourceCheck.class).named(text(arguments[1])));
        all.put(
                "fieldSelector",
                arguments -> as(arguments[0], Authorization.ResourceCheck.class).withFieldSelector(text(arguments[1])));
        all.put(
                "labelSelector",
                arguments -> as(arguments[0], Authorization.ResourceCheck.class).withLabelSelector(text(arguments[1])));
        all.put(
                "check",
                arguments -> arguments[0] instanceof Authorization.PathCheck check
                        ? check.check(text(arguments[1]))
                        : as(arguments[0], Authorization.ResourceCheck.class).check(text(arguments[1])));
        all.put("allowed", arguments -> as(arguments[0], Access.Answer.class).allowed());
        all.put("reason", arguments -> as(arguments[0], Access.Answer.class).reason());
        all.put("errored", arguments -> as(arguments[0], Access.Answer.class).error() != null);
        all.put(
                "error",
                arguments -> orEmpty(as(arguments[0], Access.Answer.class).error()));
    }

    private static String path(String path) {
        if (path.isEmpty()) {
            throw new CelEvaluationException("path must not be empty");
        }
        return path;
    }
}
