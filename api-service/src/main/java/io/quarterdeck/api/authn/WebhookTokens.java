package io.quarterdeck.api.authn;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.callout.KubeconfigWebhook;
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
    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final KubeconfigWebhook webhook;
    private final Cache<String, Optional<Verified>> known;

    WebhookTokens(KubeconfigWebhook webhook, Duration keep) {
        this.webhook = webhook;
        this.known =
                Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(keep).build();
    }

    @Override
    public boolean knowsAudiences() {
        return true;
    }

    @Override
    public Optional<Verified> verify(String token, List<String> audiences) {
        String key = digest(token) + " " + String.join(" ", audiences);
        Optional<Verified> before = known.getIfPresent(key);
        if (before != null) {
            return before;
        }
        ObjectNode review = JsonMapper.shared().createObjectNode();
        review.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenReview");
        ObjectNode spec = review.putObject("spec").put("token", token);
        audiences.forEach(spec.putArray("audiences")::add);
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            try {
                JsonNode answer = JsonMapper.shared()
                        .readTree(webhook.post(JsonMapper.shared().writeValueAsBytes(review)));
                Optional<Verified> verified = verified(answer.path("status"), audiences);
                known.put(key, verified);
                return verified;
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            } catch (IOException | RuntimeException failed) {
                LOG.warn("The authentication webhook failed: {}", failed.getMessage());
                if (failed instanceof KubeconfigWebhook.RefusedException refused && refused.code() < 500) {
                    return Optional.empty();
                }
                try {
                    Thread.sleep(PAUSE);
                } catch (InterruptedException stopping) {
                    Thread.currentThread().interrupt();
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Verified> verified(JsonNode status, List<String> asked) {
        if (!status.path("authenticated").asBoolean(false)) {
            return Optional.empty();
        }
        List<String> named = strings(status.path("audiences"));
        // A service that knows no audiences means the API's own.
        List<String> shared =
                named.isEmpty() ? asked : asked.stream().filter(named::contains).toList();
        if (shared.isEmpty() && !asked.isEmpty()) {
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
