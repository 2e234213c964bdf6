package io.quarterdeck.node.volumes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Instant;
import java.util.Optional;

/** The API objects that a pod's spec refers to. Blocking, thread-safe; a failed request is a {@code StatusException}. */
public interface ClusterObjects {

    Optional<ConfigMap> configMap(String namespace, String name);

    Optional<Secret> secret(String namespace, String name);

    /** A token of the pod's service account that ends with the pod. */
    Token token(Pod pod, String audience, long expirationSeconds);

    record Token(String value, Instant issuedAt, Instant expiresAt) {
        @Override
        public String toString() {
            return "Token[expiresAt=" + expiresAt + "]";
        }
    }
}
