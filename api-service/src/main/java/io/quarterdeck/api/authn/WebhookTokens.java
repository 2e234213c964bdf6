package io.quarterdeck.api.authn;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import io.quarterdeck.api.callout.ReviewWebhook;
import io.quarterdeck.api.schema.GoShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a remote service, by TokenReview, whose token it is. Answers are kept for a while under the token's digest; failures
 * are not. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Webhook Token Authentication".
 */
final class WebhookTokens implements TokenVerifier {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookTokens.class);

    private final ReviewWebhook webhook;
    private final List<String> ownAudiences;
    private final Cache<String, Optional<Verified>> known;

    /**
     * @param version of the reviews
     * @param ownAudiences what a service means that names no audiences
     * @param keep how long its answers count
     */
    WebhookTokens(KubeconfigWebhook webhook, String version, List<String> ownAudiences, Duration keep) {
        this.webhook =
                new ReviewWebhook(webhook, "authentication.k8s.io", version, "TokenReview", statusShape(version + "."));
        this.ownAudiences = List.copyOf(ownAudiences);
        this.known =
                Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(keep).build();
    }

    private static GoShape statusShape(String version) {
        GoShape user = GoShape.struct(
                version + "UserInfo",
                Map.of(
                        "username",
                        GoShape.TEXT,
                        "uid",
                        GoShape.TEXT,
                        "groups",
                        GoShape.list(GoShape.TEXT),
                        "extra",
                        GoShape.map(GoShape.list(GoShape.TEXT))));
        return GoShape.struct(
                version + "TokenReviewStatus",
                Map.of(
                        "authenticated",
                        GoShape.FLAG,
                        "user",
                        user,
                        "audiences",
                        GoShape.list(GoShape.TEXT),
                        "error",
                        GoShape.TEXT));
    }

    @Override
    public boolean knowsAudiences() {
        return true;
    }

    @Override
    public Optional<Verified> judge(String token, List<String> audiences) throws RefusedTokenException {
        String key = digest(token) + " " + String.join(" ", audiences);
        Optional<Verified> before = known.getIfPresent(key);
        if (before != null) {
            return before;
        }
        Optional<Verified> verified = verified(status(token, audiences), audiences);
        known.put(key, verified);
        return verified;
    }

    private JsonNode status(String token, List<String> audiences) throws RefusedTokenException {
        ObjectNode review = JsonMapper.shared().createObjectNode();
        review.putObject("metadata");
        ObjectNode spec = review.putObject("spec").put("token", token);
        audiences.forEach(spec.putArray("audiences")::add);
        review.putObject("status").putObject("user");
        try {
            return webhook.status(review);
        } catch (IOException failed) {
            LOG.warn("Failed to make webhook authenticator request: {}", failed.getMessage());
            throw new RefusedTokenException(String.valueOf(failed.getMessage()));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new RefusedTokenException("context canceled");
        }
    }

    private Optional<Verified> verified(JsonNode status, List<String> asked) throws RefusedTokenException {
        List<String> named = strings(status.path("audiences"));
        List<String> shared = asked.stream()
                .filter((named.isEmpty() ? ownAudiences : named)::contains)
                .toList();
        if (shared.isEmpty()) {
            return Optional.empty();
        }
        if (!status.path("authenticated").asBoolean(false)) {
            String error = status.path("error").asString("");
            if (!error.isEmpty()) {
                throw new RefusedTokenException(error);
            }
            return Optional.empty();
        }
        JsonNode user = status.path("user");
        Map<String, List<String>> extra = new LinkedHashMap<>();
        user.path("extra").properties().forEach(entry -> extra.put(entry.getKey(), strings(entry.getValue())));
        return Optional.of(new Verified(
                new User(
                        user.path("username").asString(""),
                        user.path("uid").asString(""),
                        strings(user.path("groups")),
                        extra),
                shared));
    }

    private static List<String> strings(JsonNode list) {
        List<String> strings = new ArrayList<>();
        list.forEach(each -> strings.add(each.asString("")));
        return strings;
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java runtime", impossible);
        }
    }
}
