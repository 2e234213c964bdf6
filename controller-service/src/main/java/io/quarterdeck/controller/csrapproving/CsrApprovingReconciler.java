package io.quarterdeck.controller.csrapproving;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.quarterdeck.controller.csrsigning.RequestedCertificate;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;

/**
 * A node's client certificate is approved when its requester may create {@code certificatesigningrequests/nodeclient}, or
 * {@code selfnodeclient} for one of its own. Everything else waits for people.
 *
 * <p>Source: Kubernetes documentation, "TLS bootstrapping"; upstream's csrapproving controller.
 */
public final class CsrApprovingReconciler implements Reconciler<CertificateSigningRequest> {

    private static final String SIGNER = "kubernetes.io/kube-apiserver-client-kubelet";

    private final Access access;

    /** What only the API knows: whether the requester may create a subresource of certificate requests. */
    public interface Access {
        boolean mayCreate(CertificateSigningRequest request, String subresource);
    }

    public CsrApprovingReconciler(Access access) {
        this.access = access;
    }

    @Override
    public Class<CertificateSigningRequest> kind() {
        return CertificateSigningRequest.class;
    }

    @Override
    public String name() {
        return "csrapproving";
    }

    @Override
    public String component() {
        return "certificate-controller";
    }

    @Override
    public Plan reconcile(CertificateSigningRequest request, View view) {
        boolean answered = request.getStatus() != null
                && request.getStatus().getConditions() != null
                && !request.getStatus().getConditions().isEmpty();
        if (answered || !SIGNER.equals(request.getSpec().getSignerName())) {
            return Plan.nothing();
        }
        List<String> usages = request.getSpec().getUsages() == null
                ? List.of()
                : request.getSpec().getUsages();
        RequestedCertificate wanted;
        try {
            wanted = RequestedCertificate.parse(
                    new String(Base64.getDecoder().decode(request.getSpec().getRequest()), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException malformed) {
            return Plan.nothing();
        }
        if (!wanted.refusal(SIGNER, usages).isEmpty()) {
            return Plan.nothing();
        }
        if (wanted.commonName().equals(request.getSpec().getUsername())
                && access.mayCreate(request, "selfnodeclient")) {
            return approved(request, "Auto approving self kubelet client certificate after SubjectAccessReview.", view);
        }
        return access.mayCreate(request, "nodeclient")
                ? approved(request, "Auto approving kubelet client certificate after SubjectAccessReview.", view)
                : Plan.nothing();
    }

    private static Plan approved(CertificateSigningRequest request, String message, View view) {
        String at = view.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return Plan.of(new Action.UpdateSubresource(
                request.edit()
                        .editOrNewStatus()
                        .addToConditions(new CertificateSigningRequestConditionBuilder()
                                .withType("Approved")
                                .withStatus("True")
                                .withReason("AutoApproved")
                                .withMessage(message)
                                .withLastUpdateTime(at)
                                .withLastTransitionTime(at)
                                .build())
                        .endStatus()
                        .build(),
                "approval"));
    }
}
