package io.quarterdeck.controller.serviceaccount;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fills Secrets of type kubernetes.io/service-account-token that name a service account, and removes those whose account
 * is gone. Source: Kubernetes documentation, "Managing Service Accounts", token controller.
 */
public final class TokenSecretReconciler implements Reconciler<Secret> {

    private static final String TYPE = "kubernetes.io/service-account-token";
    private static final String ACCOUNT = "kubernetes.io/service-account.name";
    private static final String ACCOUNT_UID = "kubernetes.io/service-account.uid";

    /** Accounts and secrets come by ways of their own: an account made just before its secret may be seen after it. */
    private static final Duration SETTLING = Duration.ofSeconds(30);

    private final LegacyTokens tokens;
    private final String rootCertificate;

    /** @param rootCertificate in PEM, for {@code ca.crt} */
    public TokenSecretReconciler(LegacyTokens tokens, String rootCertificate) {
        this.tokens = tokens;
        this.rootCertificate = rootCertificate;
    }

    @Override
    public Class<Secret> kind() {
        return Secret.class;
    }

    @Override
    public String name() {
        return "serviceaccount_tokens";
    }

    @Override
    public String component() {
        return "serviceaccount-token-controller";
    }

    @Override
    public void watches(Watches<Secret> watches) {
        watches.also(ServiceAccount.class, TokenSecretReconciler::secretsOf);
    }

    private static List<ObjectKey> secretsOf(ServiceAccount account, View view) {
        return view.lister(Secret.class).inNamespace(account.getMetadata().getNamespace()).stream()
                .filter(secret -> TYPE.equals(secret.getType())
                        && account.getMetadata()
                                .getName()
                                .equals(annotations(secret).get(ACCOUNT)))
                .map(ObjectStore::keyOf)
                .toList();
    }

    @Override
    public Plan reconcile(Secret secret, View view) {
        String name = annotations(secret).get(ACCOUNT);
        if (!TYPE.equals(secret.getType()) || name == null || name.isEmpty() || deleting(secret)) {
            return Plan.nothing();
        }
        String namespace = secret.getMetadata().getNamespace();
        String uid = annotations(secret).get(ACCOUNT_UID);
        Optional<ServiceAccount> account = view.lister(ServiceAccount.class)
                .get(namespace, name)
                .filter(found -> uid == null
                        || uid.isEmpty()
                        || found.getMetadata().getUid().equals(uid));
        if (account.isEmpty()) {
            Duration young = Duration.between(
                    view.now(),
                    Instant.parse(secret.getMetadata().getCreationTimestamp()).plus(SETTLING));
            return young.isPositive() ? Plan.nothing().requeueAfter(young) : Plan.of(Action.Delete.of(secret));
        }
        Map<String, String> data = new HashMap<>(secret.getData() == null ? Map.of() : secret.getData());
        String accountUid = account.get().getMetadata().getUid();
        data.put("ca.crt", base64(rootCertificate));
        data.putIfAbsent("namespace", base64(namespace));
        if (!data.containsKey("token")) {
            data.put(
                    "token", base64(tokens.token(namespace, secret.getMetadata().getName(), name, accountUid)));
        }
        boolean right = data.equals(secret.getData()) && accountUid.equals(uid);
        return right
                ? Plan.nothing()
                : Plan.of(new Action.Update(new SecretBuilder(secret)
                        .editMetadata()
                        .addToAnnotations(ACCOUNT_UID, accountUid)
                        .endMetadata()
                        .withData(data)
                        .build()));
    }

    private static boolean deleting(Secret secret) {
        return secret.getMetadata().getDeletionTimestamp() != null;
    }

    private static Map<String, String> annotations(Secret secret) {
        Map<String, String> annotations = secret.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
