package io.quarterdeck.api.callout;

import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.api.schema.YamlReader;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupVersionKind;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads what webhooks answer as upstream's client does: JSON, or else YAML, whatever they call it; Status objects of
 * failures; and tells what is wrong in upstream's words. Pure.
 */
final class WebhookAnswers {

    /** As much of a failure's text as is shown. */
    private static final int SHOWN = 2048;

    private static final String TYPE_HEADER =
            "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }";

    private static final String UNNAMED = "couldn't get version/kind; json parse error: ";

    private WebhookAnswers() {}

    /**
     * @return the review, which may not say what it is
     * @throws IOException when it is no success, or nothing that can be read
     */
    static JsonNode read(WebhookConnection.Answer answer, WebhookClient.Review expected) throws IOException {
        byte[] body = unpacked(answer, expected.mostBytes());
        String type = answer.contentType().isEmpty() ? "application/json" : answer.contentType();
        if (answer.status() < 200 || answer.status() >= 300) {
            throw new IOException(failure(answer, body));
        }
        if (body.length == 0) {
            throw new IOException(
                    "0-length response with status code: %d and content type: %s".formatted(answer.status(), type));
        }
        if (type.split(";", 2)[0].isBlank()) {
            throw new IOException("Internal error occurred: mime: no media type");
        }
        JsonNode read = tree(body);
        requireKind(read, expected);
        return read;
    }

    private static byte[] unpacked(WebhookConnection.Answer answer, int mostBytes) throws IOException {
        if (!answer.encoding().equalsIgnoreCase("gzip")) {
            return answer.body();
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            byte[] body = in.readNBytes(mostBytes + 1);
            if (body.length > mostBytes) {
                throw WebhookConnection.tooLarge();
            }
            return body;
        } catch (ZipException | EOFException damaged) {
            throw new IOException(
                    "unexpected error when reading response body. Please retry. Original error: gzip: invalid header",
                    damaged);
        }
    }

    private static JsonNode tree(byte[] body) throws IOException {
        JsonNode tree;
        try {
            tree = JsonMapper.shared().readTree(body);
        } catch (JacksonException noJson) {
            try {
                String text = new String(body, StandardCharsets.UTF_8).stripLeading();
                if (text.startsWith("{") || text.startsWith("[")) {
                    throw new IOException(UNNAMED + GoJson.syntaxError(body));
                }
                tree = YamlReader.read(body).tree();
            } catch (YamlReader.SyntaxException neither) {
                throw new IOException(UNNAMED + GoJson.syntaxError(body), neither);
            }
        }
        if (!tree.isObject() && !tree.isNull()) {
            throw new IOException(UNNAMED + GoJson.misfit(tree, TYPE_HEADER));
        }
        for (String field : new String[] {"apiVersion", "kind"}) {
            JsonNode value = tree.path(field);
            if (!value.isMissingNode() && !value.isNull() && !value.isString()) {
                throw new IOException(UNNAMED + GoJson.misfit(value, "." + field, "string"));
            }
        }
        return tree;
    }

    /** Upstream's client reads the kinds that it has registered, and makes none of them out of another. */
    private static void requireKind(JsonNode answer, WebhookClient.Review expected) throws IOException {
        String apiVersion = answer.path("apiVersion").asString("");
        String kind = answer.path("kind").asString("");
        if (apiVersion.chars().filter(c -> c == '/').count() > 1) {
            throw new IOException("unexpected GroupVersion string: " + apiVersion);
        }
        // What is not said is as expected.
        String version = apiVersion.isEmpty() ? expected.apiVersion() : apiVersion;
        boolean review = (kind.isEmpty() || kind.equals(expected.kind()))
                && (version.equals(expected.group() + "/v1") || version.equals(expected.group() + "/v1beta1"));
        if (review && version.equals(expected.apiVersion())) {
            return;
        }
        String shown = kind.isEmpty() ? expected.kind() : kind;
        throw new IOException(
                review || (shown.equals("Status") && version.equals("v1"))
                        ? "converting (%s.%s) to (%s.%s): unknown conversion"
                                .formatted(
                                        version.substring(version.indexOf('/') + 1),
                                        shown,
                                        expected.version(),
                                        expected.kind())
                        : SchemaCodec.noOptions(shown, version));
    }

    /** What is wrong with an answer that does not say what it is; empty when it does. */
    static String misnomer(JsonNode answer, WebhookClient.Review expected) {
        String apiVersion = answer.path("apiVersion").asString("");
        String kind = answer.path("kind").asString("");
        return apiVersion.equals(expected.apiVersion()) && kind.equals(expected.kind())
                ? ""
                : "expected webhook response of %s, got %s"
                        .formatted(shown(expected.apiVersion(), expected.kind()), shown(apiVersion, kind));
    }

    private static String shown(String apiVersion, String kind) {
        GroupVersionKind named = GroupVersionKind.of(apiVersion, kind);
        return "%s/%s, Kind=%s".formatted(named.group(), named.version(), kind);
    }

    /** As upstream's client reads an answer that is no success. */
    static String failure(WebhookConnection.Answer answer, byte[] body) {
        String told = status(body);
        if (!told.isEmpty()) {
            return told;
        }
        String type = answer.contentType().toLowerCase(Locale.ROOT);
        boolean text = type.isEmpty() || type.startsWith("text/");
        String message =
                text ? new String(body, 0, Math.min(SHOWN, body.length), StandardCharsets.UTF_8).strip() : "unknown";
        return switch (answer.status()) {
            case 400 -> "the server rejected our request for an unknown reason";
            case 401 -> "the server has asked for the client to provide credentials";
            case 403, 415 -> message;
            case 404 -> "the server could not find the requested resource";
            case 405 -> "the server does not allow this method on the requested resource";
            case 406 ->
                message.isEmpty() || message.equals("unknown")
                        ? "the server was unable to respond with a content type that the client supports"
                        : message;
            case 409 -> "the server reported a conflict";
            case 422 -> "the server rejected our request due to an error in our request";
            case 429 -> "the server has received too many requests and has asked us to try again later";
            case 503 -> "the server is currently unable to handle the request";
            case 504 ->
                "the server was unable to return a response in the time allotted, but may still be processing the request";
            default ->
                answer.status() >= 500
                        ? "an error on the server (%s) has prevented the request from succeeding"
                                .formatted(GoQuote.quote(message))
                        : "the server responded with the status code %d but did not return more information"
                                .formatted(answer.status());
        };
    }

    /** What a Status says; empty for anything else. */
    private static String status(byte[] body) {
        try {
            JsonNode tree = JsonMapper.shared().readTree(body);
            boolean failed = tree.path("kind").asString("").equals("Status")
                    && tree.path("apiVersion").asString("").equals("v1")
                    && !tree.path("status").asString("").equals("Success");
            return failed ? tree.path("message").asString("") : "";
        } catch (JacksonException other) {
            return "";
        }
    }
}
