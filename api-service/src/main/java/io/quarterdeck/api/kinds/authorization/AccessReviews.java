package io.quarterdeck.api.kinds.authorization;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.authz.AuthorizerChain;
import io.quarterdeck.api.authz.Decision;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.VirtualResource;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The three reviews that answer one question each: about anyone, about anyone in one namespace, about the caller. */
@Configuration(proxyBeanMethods = false)
class AccessReviews {

    @Bean
    VirtualResource subjectAccessReviews(AuthorizerChain authorizer) {
        return new Review("subjectaccessreviews", authorizer, Whose.ANYONE);
    }

    @Bean
    VirtualResource localSubjectAccessReviews(AuthorizerChain authorizer) {
        return new Review("localsubjectaccessreviews", authorizer, Whose.ANYONE_HERE);
    }

    @Bean
    VirtualResource selfSubjectAccessReviews(AuthorizerChain authorizer) {
        return new Review("selfsubjectaccessreviews", authorizer, Whose.MINE);
    }

    private enum Whose {
        ANYONE,
        ANYONE_HERE,
        MINE
    }

    private record Review(String plural, AuthorizerChain authorizer, Whose whose) implements VirtualResource {

        @Override
        public GroupResource resource() {
            return new GroupResource(Attributes.GROUP, plural);
        }

        @Override
        public Document create(Document body, RequestInfo request) {
            List<FieldError> findings = Attributes.findings(body, whose == Whose.MINE);
            findings.addAll(Attributes.metadata(body, whose == Whose.ANYONE_HERE));
            if (whose == Whose.ANYONE_HERE) {
                String namespace = body.text("spec.resourceAttributes.namespace");
                if (body.has("spec.resourceAttributes")
                        && !namespace.equals(request.key().namespace())) {
                    findings.add(new FieldError(
                            Reason.INVALID,
                            "spec.resourceAttributes.namespace",
                            "Invalid value: \"" + namespace + "\": must match metadata.namespace"));
                }
                if (body.has("spec.nonResourceAttributes")) {
                    findings.add(new FieldError(
                            Reason.INVALID,
                            "spec.nonResourceAttributes",
                            "Invalid value: " + Attributes.path(body) + ": disallowed on this kind of request"));
                }
            }
            Attributes.refuse(findings);
            User user = whose == Whose.MINE ? request.user() : Attributes.subject(body);
            AccessRequest question = Attributes.request(body, user);
            Decision decision = authorizer.decide(question);
            body.remove("status");
            body.set("status.allowed", decision instanceof Decision.Allow);
            if (decision instanceof Decision.Deny) {
                body.set("status.denied", true);
            }
            if (!decision.reason().isEmpty()) {
                body.set("status.reason", decision.reason());
            }
            if (!decision.error().isEmpty()) {
                body.set("status.evaluationError", decision.error());
            }
            return body;
        }
    }
}
