package io.quarterdeck.api.http;

import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where the next page of a list begins. Opaque to clients.
 *
 * @param revision the state that all pages show; -1 to continue in the newest state
 * @param issued second in which the first page was made: a chain lives five minutes, as upstream's compaction has it
 */
record ContinueToken(long revision, ObjectKey after, long issued) {

    private static final String INVALID = "invalid continue token: continue key is not valid: ";
    private static final String VERSION = "meta.k8s.io/v1";
    private static final Duration LIFE = Duration.ofMinutes(5);

    boolean expired(Instant now) {
        return revision > 0 && issued > 0 && now.getEpochSecond() - issued > LIFE.toSeconds();
    }

    /** @param namespace of the list, "" for all: the place is told from there, as upstream tells it */
    String encode(String namespace) {
        ObjectNode token = JsonNodeFactory.instance.objectNode();
        token.put("v", VERSION);
        token.put("rv", revision);
        token.put("start", (namespace.isEmpty() ? after.path() : after.name()) + "\0");
        token.put("t", issued);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(token.toString().getBytes(StandardCharsets.UTF_8));
    }

    static ContinueToken decode(String text, String namespace) {
        byte[] bytes;
        if (text.indexOf('=') >= 0) {
            throw invalid("illegal base64 data at input byte " + firstIllegal(text));
        }
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw invalid("illegal base64 data at input byte " + firstIllegal(text));
        }
        JsonNode token;
        try {
            token = JsonMapper.shared().readTree(bytes);
        } catch (JacksonException e) {
            throw invalid(GoJson.syntaxError(bytes));
        }
        if (!token.isObject() && !token.isNull()) {
            throw invalid(GoJson.misfit(token, "storage.continueToken"));
        }
        if (!token.path("v").asString("").equals(VERSION)) {
            throw invalid("server does not recognize this encoded version "
                    + token.path("v").asString(""));
        }
        JsonNode revision = token.path("rv");
        if (!revision.isMissingNode() && !revision.isNull() && !revision.isIntegralNumber()) {
            throw invalid(GoJson.misfit(
                    revision.isNumber() ? "number " + revision : GoJson.word(revision), "continueToken.rv", "int64"));
        }
        if (revision.asLong(0) == 0) {
            throw invalid("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
        }
        String start = token.path("start").asString("");
        if (start.isEmpty()) {
            throw invalid("encoded start key empty (version meta.k8s.io/v1)");
        }
        String place = start.startsWith("/") ? start.substring(1) : start;
        for (String step : place.split("/", -1)) {
            if (step.isEmpty() || step.equals(".") || step.equals("..")) {
                throw invalid(start);
            }
        }
        return new ContinueToken(
                revision.asLong(0), key(place, namespace), token.path("t").asLong(0));
    }

    private static ObjectKey key(String place, String namespace) {
        String last = place.endsWith("\0") ? place.substring(0, place.length() - 1) : place;
        int slash = last.indexOf('/');
        return !namespace.isEmpty()
                ? new ObjectKey(namespace, last)
                : slash < 0
                        ? new ObjectKey("", last)
                        : new ObjectKey(last.substring(0, slash), last.substring(slash + 1));
    }

    private static StatusException invalid(String why) {
        return StatusException.badRequest(INVALID + why);
    }

    private static int firstIllegal(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')) {
                return i;
            }
        }
        return text.length() - text.length() % 4;
    }
}
