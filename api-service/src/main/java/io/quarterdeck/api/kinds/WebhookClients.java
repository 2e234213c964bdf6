package io.quarterdeck.api.kinds;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Formats;
import io.quarterdeck.api.validation.Values;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/** How a webhook may be addressed. Source: apiserver, pkg/util/webhook/validation. */
public final class WebhookClients {

    private WebhookClients() {}

    /** Exactly one of a URL and a Service, each in good form. */
    public static void check(Field config) {
        Field url = config.at("url");
        Field service = config.at("service");
        if (url.present() == service.present()) {
            config.required("exactly one of url or service is required");
        } else if (url.present()) {
            if (!url.text().startsWith("https://")) {
                url.invalid("'https' is the only allowed URL scheme; desired format: https://host[/path]");
            }
        } else {
            service.at("name").require();
            service.at("namespace").require();
            Field port = service.at("port");
            if (port.present()) {
                Formats.port(port.number()).forEach(problem -> port.invalid("port is not valid: " + problem));
            }
            Field path = service.at("path");
            if (path.present() && !path.text().startsWith("/")) {
                path.invalid("must start with a '/'");
            }
        }
    }

    /** Whether a bundle, in base64, holds certificates that can be trusted. White space alone is no bundle. */
    public static boolean isBundle(JsonNode bundle) {
        if (!bundle.isString()) {
            return true;
        }
        try {
            byte[] pem = Base64.getDecoder().decode(bundle.stringValue());
            if (new String(pem, java.nio.charset.StandardCharsets.US_ASCII).isBlank()) {
                return true;
            }
            return !CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem))
                    .isEmpty();
        } catch (IllegalArgumentException | CertificateException unreadable) {
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
