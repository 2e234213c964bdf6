package io.quarterdeck.controller.tokencleaner;

import io.fabric8.kubernetes.api.model.Secret;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import org.springframework.stereotype.Component;

/**
 * A bootstrap token that has expired goes, and one whose expiration nobody can read.
 *
 * <p>Source: Kubernetes documentation, "Authenticating with Bootstrap Tokens"; upstream's tokencleaner controller.
 */
@Component
public final class TokenCleanerReconciler implements Reconciler<Secret> {

    @Override
    public Class<Secret> kind() {
        return Secret.class;
    }

    @Override
    public String name() {
        return "token_cleaner";
    }

    @Override
    public String component() {
        return "token-cleaner";
    }

    @Override
    public Plan reconcile(Secret secret, View view) {
        String encoded = secret.getData() == null ? null : secret.getData().get("expiration");
        if (!"bootstrap.kubernetes.io/token".equals(secret.getType())
                || !"kube-system".equals(secret.getMetadata().getNamespace())
                || encoded == null
                || encoded.isEmpty()) {
            return Plan.nothing();
        }
        Instant end;
        try {
            end = Instant.parse(new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
        } catch (DateTimeParseException | IllegalArgumentException unreadable) {
            end = Instant.EPOCH;
        }
        return end.isAfter(view.now())
                ? Plan.nothing().requeueAfter(Duration.between(view.now(), end))
                : Plan.of(Action.Delete.of(secret));
    }
}
