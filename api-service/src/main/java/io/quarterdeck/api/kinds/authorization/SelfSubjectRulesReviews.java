package io.quarterdeck.api.kinds.authorization;

import io.quarterdeck.api.authz.AuthorizerChain;
import io.quarterdeck.api.authz.Holdings;
import io.quarterdeck.api.authz.PolicyRule;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.VirtualResource;
import io.quarterdeck.model.GoErrors;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** All that the caller may do in a namespace, as far as rules can list it. */
@Component
final class SelfSubjectRulesReviews implements VirtualResource {

    private final AuthorizerChain authorizer;

    SelfSubjectRulesReviews(AuthorizerChain authorizer) {
        this.authorizer = authorizer;
    }

    @Override
    public GroupResource resource() {
        return new GroupResource(Attributes.GROUP, "selfsubjectrulesreviews");
    }

    @Override
    public Document create(Document body, RequestInfo request) {
        String namespace = body.text("spec.namespace");
        if (namespace.isEmpty()) {
            throw StatusException.badRequest("no namespace on request");
        }
        Holdings holdings = authorizer.holdings(request.user(), namespace);
        Document review = Document.empty();
        review.set("apiVersion", body.apiVersion());
        review.set("kind", body.kind());
        review.object("metadata");
        review.object("spec");
        ObjectNode status = review.object("status");
        ArrayNode resourceRules = status.putArray("resourceRules");
        ArrayNode pathRules = status.putArray("nonResourceRules");
        for (PolicyRule rule : holdings.rules()) {
            if (!rule.resources().isEmpty()) {
                ObjectNode shown = resourceRules.addObject();
                put(shown, "verbs", rule.verbs());
                put(shown, "apiGroups", rule.apiGroups());
                put(shown, "resources", rule.resources());
                put(shown, "resourceNames", rule.resourceNames());
            }
            if (!rule.nonResourceUrls().isEmpty()) {
                ObjectNode shown = pathRules.addObject();
                put(shown, "verbs", rule.verbs());
                put(shown, "nonResourceURLs", rule.nonResourceUrls());
            }
        }
        status.put("incomplete", !holdings.errors().isEmpty());
        if (!holdings.errors().isEmpty()) {
            status.put("evaluationError", GoErrors.aggregate(holdings.errors()));
        }
        return review;
    }

    private static void put(ObjectNode rule, String field, List<String> values) {
        if (!values.isEmpty()) {
            ArrayNode array = rule.putArray(field);
            values.forEach(array::add);
        }
    }
}
