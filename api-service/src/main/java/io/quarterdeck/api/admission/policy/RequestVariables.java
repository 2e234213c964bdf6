package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.ReviewedRequest;
import io.quarterdeck.api.admission.Versions;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.authz.Authorizer;
import io.quarterdeck.api.authz.AuthorizerChain;
import io.quarterdeck.api.authz.Decision;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.cel.Access;
import io.quarterdeck.cel.Activation;
import io.quarterdeck.cel.CelValues;
import io.quarterdeck.cel.PolicyEnvironment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes the variables that every expression about a request may name. Thread-safe. */
@Component
public final class RequestVariables {

    private final Versions versions;
    private final Authorizer authorizer;

    RequestVariables(Versions versions, AuthorizerChain authorizer) {
        this.versions = versions;
        this.authorizer = authorizer;
    }

    /**
     * @param matched the resource in the version that the objects are shown in
     * @param namespace the object's namespace; null for cluster-scoped ones
     * @param params null where there are none
     */
    public Map<String, Object> of(
            AdmissionRequest request,
            ResourceDefinition matched,
            @Nullable Document namespace,
            @Nullable Document params) {
        Map<String, Object> values = new HashMap<>();
        values.put("object", value(versions.in(matched, request, request.object())));
        values.put("oldObject", value(versions.in(matched, request, request.old())));
        values.put("params", value(params));
        values.put("request", CelValues.of(ReviewedRequest.of(request, matched), PolicyEnvironment.Types.REQUEST));
        values.put(
                "namespaceObject",
                namespace == null ? CelValues.NULL : CelValues.of(namespace.tree(), PolicyEnvironment.Types.NAMESPACE));
        Access access = question -> decide(request.request().user(), question);
        values.put("authorizer", CelValues.authorizer(access));
        values.put(
                "authorizer.requestResource",
                CelValues.requestResource(
                        access,
                        request.resource().group(),
                        request.resource().plural(),
                        request.request().subresource(),
                        request.request().key().namespace(),
                        request.requestedName()));
        return values;
    }

    public Activation activation(
            AdmissionRequest request,
            ResourceDefinition matched,
            @Nullable Document namespace,
            @Nullable Document params) {
        return Activation.of(of(request, matched, namespace, params));
    }

    private static Object value(@Nullable Document document) {
        return document == null ? CelValues.NULL : CelValues.of(document.tree());
    }

    private Access.Answer decide(User caller, Access.Question question) {
        User user = question.serviceAccount() == null ? caller : account(question.serviceAccount());
        Decision decision = authorizer.decide(
                question.path() != null
                        ? AccessRequest.path(user, question.verb(), question.path())
                        : AccessRequest.resource(
                                user,
                                question.verb(),
                                question.group(),
                                "*",
                                question.resource(),
                                question.subresource(),
                                question.namespace(),
                                question.name()));
        return new Access.Answer(
                decision instanceof Decision.Allow,
                decision.reason(),
                decision.error().isEmpty() ? null : decision.error());
    }

    private static User account(String namespaceAndName) {
        String namespace = namespaceAndName.substring(0, namespaceAndName.indexOf(':'));
        return new User(
                "system:serviceaccount:" + namespaceAndName,
                "",
                List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace, User.AUTHENTICATED),
                Map.of());
    }
}
