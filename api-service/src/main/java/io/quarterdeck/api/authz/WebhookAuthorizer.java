package io.quarterdeck.api.authz;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a remote service, by SubjectAccessReview. Answers are kept for a while, failures are not and leave the question to
 * the others: nobody's opinion is a denial. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Webhook Mode".
 */
final class WebhookAuthorizer implements Authorizer {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookAuthorizer.class);

    private final KubeconfigWebhook webhook;
    private final Cache<AccessRequest, Decision> known;

    WebhookAuthorizer(KubeconfigWebhook webhook, Duration keepAllowed, Duration keepDenied) {
        this.webhook = webhook;
        this.known = Caffeine.newBuilder()
                .maximumSize(10_000)
                .expireAfter(Expiry.creating((AccessRequest request, Decision decision) ->
                        decision instanceof Decision.Allow ? keepAllowed : keepDenied))
                .build();
    }

    @Override
    public Decision decide(AccessRequest request) {
        Decision before = known.getIfPresent(request);
        if (before != null) {
            return before;
        }
        try {
            JsonNode answer = JsonMapper.shared()
                    .readTree(webhook.post(JsonMapper.shared().writeValueAsBytes(review(request))));
            Decision decision = decision(answer.path("status"));
            known.put(request, decision);
            return decision;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException failed) {
            LOG.warn("The authorization webhook failed: {}", failed.getMessage());
        }
        return new Decision.NoOpinion("");
    }

    private static Decision decision(JsonNode status) {
        String reason = status.path("reason").asString("");
        if (status.path("allowed").asBoolean(false)) {
            // An answer that says both is no answer.
            return status.path("denied").asBoolean(false)
                    ? new Decision.Deny("webhook subject access review returned both allow and deny response")
                    : new Decision.Allow(reason);
        }
        return status.path("denied").asBoolean(false) ? new Decision.Deny(reason) : new Decision.NoOpinion(reason);
    }

    private static ObjectNode review(AccessRequest request) {
        ObjectNode review = JsonMapper.shared().createObjectNode();
        review.put("kind", "SubjectAccessReview").put("apiVersion", "authorization.k8s.io/v1");
        ObjectNode spec = review.putObject("spec");
        if (request.isResource()) {
            ObjectNode attributes = spec.putObject("resourceAttributes");
            put(attributes, "namespace", request.namespace());
            put(attributes, "verb", request.verb());
            put(attributes, "group", request.group());
            put(attributes, "version", request.version());
            put(attributes, "resource", request.resource());
            put(attributes, "subresource", request.subresource());
            put(attributes, "name", request.name());
        } else {
            spec.putObject("nonResourceAttributes").put("path", request.path()).put("verb", request.verb());
        }
        put(spec, "user", request.user().name());
        put(spec, "uid", request.user().uid());
        List<String> groups = request.user().groups();
        if (!groups.isEmpty()) {
            groups.forEach(spec.putArray("groups")::add);
        }
        if (!request.user().extra().isEmpty()) {
            ObjectNode extra = spec.putObject("extra");
            request.user().extra().forEach((key, values) -> values.forEach(extra.withArray(key)::add));
        }
        return review;
    }

    private static void put(ObjectNode node, String field, String value) {
        if (!value.isEmpty()) {
            node.put(field, value);
        }
    }
}
