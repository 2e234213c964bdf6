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
        return revision > 0 && now.getEpochSecond() - issued > LIFE.toSeconds();
    }

    String encode() {
        ObjectNode token = JsonNodeFactory.instance.objectNode();
        token.put("v", VERSION);
        token.put("rv", revision);
        token.put("start", after.path() + "\0");
        token.put("t", issued);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(token.toString().getBytes(StandardCharsets.UTF_8));
    }

    static ContinueToken decode(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(INVALID + "illegal base64 data at input byte " + firstIllegal(text));
        }
        JsonNode token;
        try {
            token = JsonMapper.shared().readTree(bytes);
        } catch (JacksonException e) {
            throw StatusException.badRequest(INVALID + GoJson.syntaxError(bytes));
        }
        if (!token.path("v").asString("").equals(VERSION)) {
            throw StatusException.badRequest(INVALID + "server does not recognize this encoded version \""
                    + token.path("v").asString("") + "\"");
        }
        String start = token.path("start").asString("");
        int slash = start.indexOf('/');
        if (slash < 0 || !start.endsWith("\0")) {
            throw StatusException.badRequest(INVALID + "encoded start key is empty (version meta.k8s.io/v1)");
        }
        return new ContinueToken(
                token.path("rv").asLong(0),
                new ObjectKey(start.substring(0, slash), start.substring(slash + 1, start.length() - 1)),
                token.path("t").asLong(0));
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
