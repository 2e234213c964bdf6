package io.quarterdeck.api.authz;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import io.quarterdeck.api.callout.WebhookClient;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.LabelSelector;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a remote service, by SubjectAccessReview. Answers are kept for a while, failures are not and leave the question to
 * the others: nobody's opinion is a denial. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Webhook Mode".
 */
final class WebhookAuthorizer implements Authorizer {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookAuthorizer.class);

    private static final WebhookClient.Review REVIEW =
            new WebhookClient.Review("authorization.k8s.io", "v1", "SubjectAccessReview", 3 << 20);

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
            Decision decision = decision(webhook.ask(review(request), REVIEW).path("status"));
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

    static ObjectNode review(AccessRequest request) {
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
            selectors(attributes, request);
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

    /** What a list or watch is narrowed to. Source: KEP-4601, "Authorize with Selectors". */
    private static void selectors(ObjectNode attributes, AccessRequest request) {
        if (!request.fields().isEverything()) {
            ArrayNode requirements = attributes.putObject("fieldSelector").putArray("requirements");
            for (FieldSelector.Requirement requirement : request.fields().requirements()) {
                requirement(
                        requirements,
                        requirement.field(),
                        requirement.equal() ? "In" : "NotIn",
                        List.of(requirement.value()));
            }
        }
        if (!request.labels().isEverything()) {
            ArrayNode requirements = attributes.putObject("labelSelector").putArray("requirements");
            for (LabelSelector.Requirement requirement : request.labels().requirements()) {
                List<String> values = requirement.values().stream().sorted().toList();
                switch (requirement.operator()) {
                    case IN -> requirement(requirements, requirement.key(), "In", values);
                    case NOT_IN -> requirement(requirements, requirement.key(), "NotIn", values);
                    case EXISTS -> requirement(requirements, requirement.key(), "Exists", List.of());
                    case DOES_NOT_EXIST -> requirement(requirements, requirement.key(), "DoesNotExist", List.of());
                    // A review has no word for these. The question gets wider without them, never narrower.
                    case GREATER_THAN, LESS_THAN -> {}
                }
            }
            if (requirements.isEmpty()) {
                attributes.remove("labelSelector");
            }
        }
    }

    private static void requirement(ArrayNode requirements, String key, String operator, List<String> values) {
        ObjectNode requirement = requirements.addObject().put("key", key).put("operator", operator);
        if (!values.isEmpty()) {
            values.forEach(requirement.putArray("values")::add);
        }
    }

    private static void put(ObjectNode node, String field, String value) {
        if (!value.isEmpty()) {
            node.put(field, value);
        }
    }
}
