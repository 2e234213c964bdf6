package io.quarterdeck.controller.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.quarterdeck.controller.FixedView;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "RS256, RSA, 2048, SHA256withRSA",
        "ES256, EC, 256, SHA256withECDSAinP1363Format",
        "ES384, EC, 384, SHA384withECDSAinP1363Format",
        "ES512, EC, 521, SHA512withECDSAinP1363Format"
    })
    void theKeyDecidesHowTokensAreSigned(String name, String family, int bits, String verifiedBy) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(family);
        generator.initialize(bits);
        KeyPair keys = generator.generateKeyPair();
        String[] parts =
                new LegacyTokens(keys).token("d", "tok", "bot", "bot-uid").split("\\.");
        Base64.Decoder base64 = Base64.getUrlDecoder();
        assertThat(new String(base64.decode(parts[0]), StandardCharsets.UTF_8)).startsWith("{\"alg\":\"" + name + "\"");
        Signature signature = Signature.getInstance(verifiedBy);
        signature.initVerify(keys.getPublic());
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(base64.decode(parts[2]))).isTrue();
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
