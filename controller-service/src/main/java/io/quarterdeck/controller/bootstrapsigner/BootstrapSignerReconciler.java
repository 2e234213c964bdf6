package io.quarterdeck.controller.bootstrapsigner;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.BootstrapToken;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * Puts a signature of the kubeconfig in {@code kube-public/cluster-info} beside it for each bootstrap token that may sign:
 * who holds such a token can tell whether the address and the authority that anybody may read there are the cluster's.
 *
 * <p>Source: Kubernetes documentation, "Authenticating with Bootstrap Tokens", ConfigMap Signing; upstream's bootstrapsigner
 * controller; RFC 7515, appendix F (detached content).
 */
@Component
public final class BootstrapSignerReconciler implements Reconciler<ConfigMap> {

    private static final ObjectKey CLUSTER_INFO = ObjectKey.namespaced("kube-public", "cluster-info");
    private static final Pattern NAME = Pattern.compile("bootstrap-token-([a-z0-9]{6})");
    private static final String CONTENT = "kubeconfig";
    private static final String SIGNATURE = "jws-kubeconfig-";

    @Override
    public Class<ConfigMap> kind() {
        return ConfigMap.class;
    }

    @Override
    public String name() {
        return "bootstrap_signer_queue";
    }

    @Override
    public String component() {
        return "bootstrap-signer";
    }

    @Override
    public void watches(Watches<ConfigMap> watches) {
        watches.also(Secret.class, secret -> idOf(secret).isPresent() ? List.of(CLUSTER_INFO) : List.of());
    }

    @Override
    public Plan reconcile(ConfigMap map, View view) {
        Map<String, String> data = map.getData() == null ? Map.of() : map.getData();
        String content = data.get(CONTENT);
        if (!CLUSTER_INFO.equals(ObjectStore.keyOf(map)) || content == null) {
            return Plan.nothing();
        }
        Map<String, String> signed = new TreeMap<>(data);
        signed.keySet().removeIf(key -> key.startsWith(SIGNATURE));
        for (Secret secret : view.lister(Secret.class).inNamespace(BootstrapToken.NAMESPACE)) {
            idOf(secret)
                    .ifPresent(id -> secretOf(secret, id, view.now())
                            .ifPresent(key -> signed.put(SIGNATURE + id, signature(content, id, key))));
        }
        return signed.equals(data)
                ? Plan.nothing()
                : Plan.of(new Action.Update(
                        new ConfigMapBuilder(map).withData(signed).build()));
    }

    /** The id in the name of a token's Secret. */
    private static Optional<String> idOf(Secret secret) {
        Matcher name = NAME.matcher(secret.getMetadata().getName());
        return BootstrapToken.of(secret).isPresent() && name.matches() ? Optional.of(name.group(1)) : Optional.empty();
    }

    /** The token's secret half, when it may sign and has not ended. */
    private static Optional<String> secretOf(Secret secret, String id, Instant now) {
        BootstrapToken token = new BootstrapToken(secret);
        boolean signs = token.text("token-id").equals(Optional.of(id))
                && token.text("usage-bootstrap-signing").equals(Optional.of("true"))
                && token.end().map(end -> end.isAfter(now)).orElse(true);
        return signs ? token.text("token-secret") : Optional.empty();
    }

    private static String signature(String content, String id, String secret) {
        String header = base64("{\"alg\":\"HS256\",\"kid\":\"" + id + "\"}");
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] digest = mac.doFinal((header + "." + base64(content)).getBytes(StandardCharsets.US_ASCII));
            return header + ".." + Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("HmacSHA256 is part of every Java runtime", impossible);
        }
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
