package io.quarterdeck.controller.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.quarterdeck.controller.FixedView;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenSecretReconcilerTest {

    private static final ServiceAccount BOT = new ServiceAccountBuilder()
            .withNewMetadata()
            .withNamespace("d")
            .withName("bot")
            .withUid("bot-uid")
            .endMetadata()
            .build();
    private static final Secret SECRET = new SecretBuilder()
            .withNewMetadata()
            .withNamespace("d")
            .withName("tok")
            .withUid("tok-uid")
            .withCreationTimestamp(FixedView.NOW.toString())
            .addToAnnotations("kubernetes.io/service-account.name", "bot")
            .endMetadata()
            .withType("kubernetes.io/service-account-token")
            .build();

    private final TokenSecretReconciler reconciler = new TokenSecretReconciler(new LegacyTokens(keys()), "CA");

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("RSA").generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void fillsTheSecretOfAnAccount() {
        Plan plan = reconciler.reconcile(SECRET, new FixedView().with(BOT));

        assertThat(plan.actions())
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Update.class,
                        update -> assertThat(((Secret) update.object()).getData())
                                .containsOnlyKeys("ca.crt", "namespace", "token"));
    }

    @Test
    void waitsForAnAccountThatWasMadeJustBefore() {
        Plan plan = reconciler.reconcile(SECRET, new FixedView());

        assertThat(plan.actions()).isEmpty();
        assertThat(plan.requeueAfter()).contains(Duration.ofSeconds(30));
    }

    @Test
    void deletesTheSecretOfNoAccount() {
        Plan plan = reconciler.reconcile(SECRET, new FixedView().at(FixedView.NOW.plusSeconds(31)));

        assertThat(plan.actions()).singleElement().isInstanceOf(Action.Delete.class);
    }
}
