package io.quarterdeck.controller.csrapproving;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.quarterdeck.client.ApiClient;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Asks the API by SubjectAccessReview, as the requester that the API wrote into the request. */
public final class ReviewedAccess implements CsrApprovingReconciler.Access {

    private final ApiClient api;

    public ReviewedAccess(ApiClient api) {
        this.api = api;
    }

    @Override
    public boolean mayCreate(CertificateSigningRequest request, String subresource) {
        ObjectNode review = JsonMapper.shared().createObjectNode();
        review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SubjectAccessReview");
        ObjectNode spec = review.putObject("spec");
        spec.put("user", request.getSpec().getUsername());
        if (request.getSpec().getUid() != null) {
            spec.put("uid", request.getSpec().getUid());
        }
        List<String> groups = request.getSpec().getGroups();
        if (groups != null) {
            groups.forEach(spec.putArray("groups")::add);
        }
        if (request.getSpec().getExtra() != null) {
            ObjectNode extra = spec.putObject("extra");
            request.getSpec().getExtra().forEach((key, values) -> values.forEach(extra.withArray(key)::add));
        }
        spec.putObject("resourceAttributes")
                .put("group", "certificates.k8s.io")
                .put("resource", "certificatesigningrequests")
                .put("subresource", subresource)
                .put("verb", "create")
                .put("version", "*");
        return api.raw("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "application/json", review)
                .path("status")
                .path("allowed")
                .asBoolean(false);
    }
}
