package io.quarterdeck.api.kinds;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.pki.Pem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** How a webhook may be addressed. Source: apiserver, pkg/util/webhook/validation. */
public final class WebhookClients {

    private static final Pattern URL = Pattern.compile(
            "(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?!:)(?://(?:(?<user>[^/?#@]*)@)?(?<host>[^/?#]*))?[^?#]*"
                    + "(?:[?](?<query>[^#]*))?(?:#(?<fragment>.*))?");

    private WebhookClients() {}

    /** Exactly one of a URL and a Service, each in good form. */
    public static void check(Field config) {
        Field url = config.at("url");
        Field service = config.at("service");
        if (url.present() == service.present()) {
            config.required("exactly one of url or service is required");
        } else if (url.present()) {
            url(url);
        } else {
            service.at("name").require();
            service.at("namespace").require();
            Field port = service.at("port");
            if (port.present()) {
                Formats.port(port.number()).forEach(problem -> port.invalid("port is not valid: " + problem));
            }
            path(service.at("path"));
        }
    }

    private static void url(Field url) {
        String form = "; desired format: https://host[/path]";
        Matcher parts = URL.matcher(url.text());
        if (!parts.matches()) {
            url.required("url must be a valid URL: parse %s: missing protocol scheme%s"
                    .formatted(GoQuote.quote(url.text()), form));
            return;
        }
        String scheme = part(parts, "scheme");
        if (!scheme.equals("https")) {
            url.invalidValue(scheme, "'https' is the only allowed URL scheme" + form);
        }
        if (part(parts, "host").isEmpty()) {
            url.invalidValue("", "host must be specified" + form);
        }
        forbid(url, part(parts, "user"), "user information is not permitted in the URL");
        forbid(url, part(parts, "fragment"), "fragments are not permitted in the URL");
        forbid(url, part(parts, "query"), "query parameters are not permitted in the URL");
    }

    private static String part(Matcher parts, String name) {
        String part = parts.group(name);
        return part == null ? "" : part;
    }

    private static void forbid(Field url, String part, String why) {
        if (!part.isEmpty()) {
            url.invalidValue(part, why);
        }
    }

    private static void path(Field path) {
        String text = path.text();
        if (text.isEmpty() || text.equals("/")) {
            return;
        }
        if (text.equals("//")) {
            path.invalid("segment[0] may not be empty");
            return;
        }
        if (!text.startsWith("/")) {
            path.invalid("must start with a '/'");
        }
        String inner = text.substring(1);
        String[] segments = (inner.endsWith("/") ? inner.substring(0, inner.length() - 1) : inner).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            String place = "segment[" + i + "]";
            if (segments[i].isEmpty()) {
                path.invalid(place + " may not be empty");
            } else {
                Formats.subdomain(segments[i]).forEach(problem -> path.invalid(place + ": " + problem));
            }
        }
    }

    /** Whether a bundle, in base64, holds certificates that can be trusted. White space alone is no bundle. */
    public static boolean isBundle(JsonNode bundle) {
        if (!bundle.isString()) {
            return true;
        }
        try {
            String pem = new String(Base64.getDecoder().decode(bundle.stringValue()), StandardCharsets.US_ASCII);
            return pem.isBlank() || !Pem.readableCertificates(pem).isEmpty();
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    /** The bundle of a client that must be one. */
    public static void checkBundle(Field bundle) {
        if (!isBundle(bundle.node())) {
            bundle.invalidValue(
                    new Values.Raw(Values.json(bundle.node())),
                    "unable to load root certificates: unable to parse bytes as PEM block");
        }
    }
}
