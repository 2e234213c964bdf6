package io.quarterdeck.controller.csrcleaner;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import io.quarterdeck.pki.Pem;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Requests end an hour after they were answered, a day after nobody answered them, and when what they got has ended.
 *
 * <p>Source: upstream's csrcleaner controller.
 */
@Component
public final class CsrCleanerReconciler implements Reconciler<CertificateSigningRequest> {

    private static final Duration ANSWERED = Duration.ofHours(1);
    private static final Duration PENDING = Duration.ofHours(24);

    @Override
    public Class<CertificateSigningRequest> kind() {
        return CertificateSigningRequest.class;
    }

    @Override
    public String name() {
        return "csrcleaner";
    }

    @Override
    public String component() {
        return "certificate-controller";
    }

    @Override
    public Plan reconcile(CertificateSigningRequest request, View view) {
        Instant end = end(request);
        if (!end.isAfter(view.now())) {
            return Plan.of(Action.Delete.of(request));
        }
        return Plan.nothing().requeueAfter(Duration.between(view.now(), end));
    }

    private static Instant end(CertificateSigningRequest request) {
        Instant created = Instant.parse(request.getMetadata().getCreationTimestamp());
        List<CertificateSigningRequestCondition> conditions =
                request.getStatus() == null || request.getStatus().getConditions() == null
                        ? List.of()
                        : request.getStatus().getConditions();
        Instant end = conditions.stream()
                .filter(condition -> condition.getLastUpdateTime() != null)
                .map(condition -> Instant.parse(condition.getLastUpdateTime()))
                .max(Instant::compareTo)
                .map(answered -> issued(request).isPresent() || denied(conditions)
                        ? answered.plus(ANSWERED)
                        : created.plus(PENDING))
                .orElse(created.plus(PENDING));
        return issued(request).filter(until -> until.isBefore(end)).orElse(end);
    }

    private static boolean denied(List<CertificateSigningRequestCondition> conditions) {
        return conditions.stream()
                .anyMatch(condition -> List.of("Denied", "Failed").contains(condition.getType()));
    }

    /** When the certificate ends that was issued. */
    private static Optional<Instant> issued(CertificateSigningRequest request) {
        String certificate =
                request.getStatus() == null ? null : request.getStatus().getCertificate();
        if (certificate == null || certificate.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Pem.certificate(new String(Base64.getDecoder().decode(certificate), StandardCharsets.UTF_8))
                            .getNotAfter()
                            .toInstant());
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }
}
