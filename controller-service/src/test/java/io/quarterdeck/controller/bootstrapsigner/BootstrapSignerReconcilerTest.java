package io.quarterdeck.controller.bootstrapsigner;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.quarterdeck.controller.FixedView;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootstrapSignerReconcilerTest {

    /** Made by upstream's signer from the content and token that its own test uses. */
    private static final String CONTENT = "Hello from the other side. I must have called a thousand times.";

    private static final String SIGNATURE =
            "eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8";

    private final BootstrapSignerReconciler signer = new BootstrapSignerReconciler();

    private static ConfigMap info(Map<String, String> data) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("kube-public")
                .withName("cluster-info")
                .endMetadata()
                .withData(data)
                .build();
    }

    private static Secret token(String name, Map<String, String> changes) {
        Map<String, String> data = new HashMap<>(Map.of(
                "token-id", "joshua",
                "token-secret", "my voice is my passcode",
                "usage-bootstrap-signing", "true"));
        data.putAll(changes);
        data.replaceAll((key, value) -> Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace("kube-system")
                .withName(name)
                .endMetadata()
                .withType("bootstrap.kubernetes.io/token")
                .withData(data)
                .build();
    }

    private static Map<String, String> written(Plan plan) {
        return ((ConfigMap) ((Action.Update) plan.actions().getFirst()).object()).getData();
    }

    @Test
    void signsForATokenAndTakesItBackWhenItIsGone() {
        ConfigMap info = info(Map.of("kubeconfig", CONTENT, "other", "kept"));
        FixedView view = new FixedView().with(token("bootstrap-token-joshua", Map.of()));
        Map<String, String> signed = written(signer.reconcile(info, view));
        assertThat(signed)
                .containsOnly(
                        Map.entry("kubeconfig", CONTENT),
                        Map.entry("other", "kept"),
                        Map.entry("jws-kubeconfig-joshua", SIGNATURE));
        assertThat(signer.reconcile(info(signed), view).actions()).isEmpty();
        assertThat(written(signer.reconcile(info(signed), new FixedView()))).containsOnlyKeys("kubeconfig", "other");
    }

    @Test
    void signsAnewWhenTheContentOrTheTokenChanged() {
        FixedView view = new FixedView().with(token("bootstrap-token-joshua", Map.of()));
        Map<String, String> signed = written(signer.reconcile(info(Map.of("kubeconfig", CONTENT)), view));
        Map<String, String> changed = new HashMap<>(signed);
        changed.put("kubeconfig", CONTENT + "!");
        assertThat(written(signer.reconcile(info(changed), view)).get("jws-kubeconfig-joshua"))
                .isNotEqualTo(SIGNATURE);
        FixedView other = new FixedView().with(token("bootstrap-token-joshua", Map.of("token-secret", "another")));
        assertThat(written(signer.reconcile(info(signed), other)).get("jws-kubeconfig-joshua"))
                .isNotEqualTo(SIGNATURE);
    }

    @ParameterizedTest(name = "{0} with {1}={2}")
    @CsvSource({
        "bootstrap-token-joshua, usage-bootstrap-signing, false",
        "bootstrap-token-joshua, expiration, 2026-01-01T12:00:00Z",
        "bootstrap-token-joshua, expiration, soon",
        "bootstrap-token-joshua, token-id, abcdef",
        "bootstrap-token-joshua, token-secret, ''",
        "bootstrap-token-joshua1, token-id, joshua1",
        "joshua, token-id, joshua"
    })
    void doesNotSignForOthers(String name, String key, String value) {
        assertThat(signer.reconcile(
                                info(Map.of("kubeconfig", CONTENT)),
                                new FixedView().with(token(name, Map.of(key, value))))
                        .actions())
                .isEmpty();
    }

    @Test
    void leavesOtherMapsAlone() {
        FixedView view = new FixedView().with(token("bootstrap-token-joshua", Map.of()));
        assertThat(signer.reconcile(info(Map.of("other", "x")), view).actions()).isEmpty();
        ConfigMap elsewhere = info(Map.of("kubeconfig", CONTENT))
                .edit()
                .editMetadata()
                .withNamespace("default")
                .endMetadata()
                .build();
        assertThat(signer.reconcile(elsewhere, view).actions()).isEmpty();
    }
}
