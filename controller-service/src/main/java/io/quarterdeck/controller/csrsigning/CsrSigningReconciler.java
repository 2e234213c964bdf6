package io.quarterdeck.controller.csrsigning;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.Pem;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * Signs what is approved and lawful, and says of the rest why not.
 *
 * <p>Source: Kubernetes documentation, "Certificate Signing Requests"; upstream's csrsigning controller.
 */
public final class CsrSigningReconciler implements Reconciler<CertificateSigningRequest> {

    private static final Set<String> SIGNERS = Set.of(
            "kubernetes.io/kube-apiserver-client",
            "kubernetes.io/kube-apiserver-client-kubelet",
            "kubernetes.io/kubelet-serving");
    private static final Duration SHORTEST = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofHours(8);
    private static final Duration BACKDATE = Duration.ofMinutes(5);

    private final CertificateAuthority authority;
    private final Duration longest;

    /** @param longest how long a certificate lives that asks for nothing, or for more */
    public CsrSigningReconciler(CertificateAuthority authority, Duration longest) {
        this.authority = authority;
        this.longest = longest;
    }

    @Override
    public Class<CertificateSigningRequest> kind() {
        return CertificateSigningRequest.class;
    }

    @Override
    public String name() {
        return "csrsigning";
    }

    @Override
    public String component() {
        return "certificate-controller";
    }

    @Override
    public Plan reconcile(CertificateSigningRequest request, View view) {
        String signer = request.getSpec().getSignerName();
        String issued = request.getStatus() == null ? null : request.getStatus().getCertificate();
        if (!SIGNERS.contains(signer)
                || (issued != null && !issued.isEmpty())
                || !has(request, "Approved")
                || has(request, "Denied")
                || has(request, "Failed")) {
            return Plan.nothing();
        }
        List<String> usages = request.getSpec().getUsages() == null
                ? List.of()
                : request.getSpec().getUsages();
        RequestedCertificate wanted;
        String refusal;
        try {
            wanted = RequestedCertificate.parse(
                    new String(Base64.getDecoder().decode(request.getSpec().getRequest()), StandardCharsets.UTF_8));
            refusal = wanted.refusal(signer, usages);
        } catch (IllegalArgumentException malformed) {
            return failed(request, String.valueOf(malformed.getMessage()), view.now());
        }
        if (!refusal.isEmpty()) {
            return failed(request, refusal, view.now());
        }
        String certificate =
                Pem.encode(authority.issue(wanted.order(usages), end(lifetime(request), view.now()), view.now()));
        return Plan.of(new Action.UpdateStatus(request.edit()
                .editOrNewStatus()
                .withCertificate(Base64.getEncoder().encodeToString(certificate.getBytes(StandardCharsets.UTF_8)))
                .endStatus()
                .build()));
    }

    /** Certificates are valid from a moment before now; long ones end that much earlier, so that they live as long as asked. */
    private static Instant end(Duration lifetime, Instant now) {
        return now.plus(lifetime.compareTo(SHORT) < 0 ? lifetime : lifetime.minus(BACKDATE));
    }

    private Duration lifetime(CertificateSigningRequest request) {
        Integer seconds = request.getSpec().getExpirationSeconds();
        if (seconds == null) {
            return longest;
        }
        Duration asked = Duration.ofSeconds(seconds);
        return asked.compareTo(longest) > 0 ? longest : asked.compareTo(SHORTEST) < 0 ? SHORTEST : asked;
    }

    private static boolean has(CertificateSigningRequest request, String type) {
        return request.getStatus() != null
                && request.getStatus().getConditions() != null
                && request.getStatus().getConditions().stream().anyMatch(condition -> type.equals(condition.getType()));
    }

    private static Plan failed(CertificateSigningRequest request, String message, Instant now) {
        String at = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return Plan.of(new Action.UpdateStatus(request.edit()
                .editOrNewStatus()
                .addToConditions(new CertificateSigningRequestConditionBuilder()
                        .withType("Failed")
                        .withStatus("True")
                        .withReason("SignerValidationFailure")
                        .withMessage(message)
                        .withLastUpdateTime(at)
                        .withLastTransitionTime(at)
                        .build())
                .endStatus()
                .build()));
    }
}
