package io.quarterdeck.api.authz;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import io.quarterdeck.api.callout.ReviewWebhook;
import io.quarterdeck.api.schema.GoShape;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.LabelSelector;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a remote service, by SubjectAccessReview. Answers are kept for a while, failures are not. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Webhook Mode".
 */
final class WebhookAuthorizer implements Authorizer {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookAuthorizer.class);

    /** What is longer may be meant to fill the memory. */
    private static final int LONGEST_KEPT = 10_000;

    /**
     * @param version of the reviews
     * @param keepAllowed how long its consent counts; zero for once
     * @param keepDenied how long any other answer counts
     * @param conditions which requests it is asked about
     * @param closed whether a request is denied when it cannot be asked; otherwise the others are
     */
    record Terms(
            String version, Duration keepAllowed, Duration keepDenied, ReviewConditions conditions, boolean closed) {}

    private final ReviewWebhook webhook;
    private final Terms terms;
    private final String groupsField;
    private final Cache<AccessRequest, Decision> known;

    WebhookAuthorizer(KubeconfigWebhook webhook, Terms terms) {
        this.terms = terms;
        String version = terms.version();
        GoShape status = GoShape.struct(
                version + ".SubjectAccessReviewStatus",
                Map.of(
                        "allowed", GoShape.FLAG,
                        "denied", GoShape.FLAG,
                        "reason", GoShape.TEXT,
                        "evaluationError", GoShape.TEXT));
        this.webhook = new ReviewWebhook(webhook, "authorization.k8s.io", version, "SubjectAccessReview", status);
        this.groupsField = version.equals("v1beta1") ? "group" : "groups";
        this.known = Caffeine.newBuilder()
                .maximumSize(10_000)
                .expireAfter(Expiry.creating((AccessRequest request, Decision decision) ->
                        decision instanceof Decision.Allow ? terms.keepAllowed() : terms.keepDenied()))
                .build();
    }

    @Override
    public Decision decide(AccessRequest request) {
        try {
            if (!terms.conditions().hold(request)) {
                return new Decision.NoOpinion("");
            }
        } catch (ReviewConditions.UndecidedException undecided) {
            return failed(String.valueOf(undecided.getMessage()));
        }
        Decision before = known.getIfPresent(request);
        if (before != null) {
            return before;
        }
        try {
            Decision decision = decision(webhook.status(review(request)));
            if (length(request) < LONGEST_KEPT) {
                known.put(request, decision);
            }
            return decision;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return failed("context canceled");
        } catch (IOException failed) {
            LOG.warn("Failed to make webhook authorizer request: {}", failed.getMessage());
            return failed(String.valueOf(failed.getMessage()));
        }
    }

    @Override
    public Holdings holdings(User user, String namespace) {
        return new Holdings(List.of(), List.of("webhook authorizer does not support user rule resolution"));
    }

    private Decision failed(String why) {
        return terms.closed() ? new Decision.Deny("", why) : new Decision.NoOpinion("", why);
    }

    private static int length(AccessRequest request) {
        return request.namespace().length()
                + request.verb().length()
                + request.group().length()
                + request.version().length()
                + request.resource().length()
                + request.subresource().length()
                + request.name().length()
                + request.path().length();
    }

    private static Decision decision(JsonNode status) {
        String reason = status.path("reason").asString("");
        if (status.path("allowed").asBoolean(false)) {
            // An answer that says both is no answer.
            return status.path("denied").asBoolean(false)
                    ? new Decision.Deny(reason, "webhook subject access review returned both allow and deny response")
                    : new Decision.Allow(reason);
        }
        return status.path("denied").asBoolean(false) ? new Decision.Deny(reason) : new Decision.NoOpinion(reason);
    }

    private ObjectNode review(AccessRequest request) {
        ObjectNode review = JsonMapper.shared().createObjectNode();
        review.putObject("metadata");
        review.set("spec", spec(request, groupsField));
        review.putObject("status").put("allowed", false);
        return review;
    }

    /** @param groupsField its name, of which the versions are not of one mind */
    static ObjectNode spec(AccessRequest request, String groupsField) {
        ObjectNode spec = JsonMapper.shared().createObjectNode();
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
            groups.forEach(spec.putArray(groupsField)::add);
        }
        if (!request.user().extra().isEmpty()) {
            ObjectNode extra = spec.putObject("extra");
            request.user().extra().forEach((key, values) -> values.forEach(extra.putArray(key)::add));
        }
        return spec;
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
