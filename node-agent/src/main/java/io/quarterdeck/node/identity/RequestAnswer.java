package io.quarterdeck.node.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** How far a certificate request has come. */
sealed interface RequestAnswer {

    /** Nobody has decided yet, or the signer has not come to it. */
    record Pending() implements RequestAnswer {}

    record Issued(String chainPem) implements RequestAnswer {}

    record Refused(String why) implements RequestAnswer {}

    static RequestAnswer of(CertificateSigningRequest request) {
        List<CertificateSigningRequestCondition> conditions =
                request.getStatus() == null || request.getStatus().getConditions() == null
                        ? List.of()
                        : request.getStatus().getConditions();
        for (CertificateSigningRequestCondition condition : conditions) {
            if ("Denied".equals(condition.getType()) || "Failed".equals(condition.getType())) {
                return new Refused("certificate request %s: %s (%s: %s)"
                        .formatted(
                                request.getMetadata().getName(),
                                condition.getType(),
                                condition.getReason(),
                                condition.getMessage()));
            }
        }
        boolean approved = conditions.stream().anyMatch(condition -> "Approved".equals(condition.getType()));
        String certificate =
                request.getStatus() == null ? null : request.getStatus().getCertificate();
        return approved && certificate != null && !certificate.isEmpty()
                ? new Issued(new String(Base64.getDecoder().decode(certificate), StandardCharsets.UTF_8))
                : new Pending();
    }
}
