package io.quarterdeck.controller.tokencleaner;

import io.fabric8.kubernetes.api.model.Secret;
import io.quarterdeck.model.BootstrapToken;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import java.time.Duration;
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
        return BootstrapToken.of(secret)
                .flatMap(BootstrapToken::end)
                .map(end -> end.isAfter(view.now())
                        ? Plan.nothing().requeueAfter(Duration.between(view.now(), end))
                        : Plan.of(Action.Delete.of(secret)))
                .orElse(Plan.nothing());
    }
}
