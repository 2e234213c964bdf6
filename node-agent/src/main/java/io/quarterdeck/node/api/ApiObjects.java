package io.quarterdeck.node.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.volumes.ClusterObjects;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Single objects that pods refer to, read when needed; what was read a moment ago is not read again. */
public final class ApiObjects implements ClusterObjects {

    private static final ResourceType<ConfigMap> CONFIG_MAPS = ResourceType.of(ConfigMap.class);
    private static final ResourceType<Secret> SECRETS = ResourceType.of(Secret.class);
    private static final Duration FRESH = Duration.ofSeconds(2);
    private static final int MAX_CACHED = 256;
    private static final int NOT_FOUND = 404;

    private final ApiClient api;
    private final InstantSource clock;
    private final Cache<String, Optional<ConfigMap>> configMaps;
    private final Cache<String, Optional<Secret>> secrets;
    private final Map<TokenKey, Token> tokens = new ConcurrentHashMap<>();

    private record TokenKey(String podUid, String audience, long seconds) {}

    public ApiObjects(ApiClient api, InstantSource clock) {
        this.api = api;
        this.clock = clock;
        this.configMaps = cache();
        this.secrets = cache();
    }

    private static <T> Cache<String, T> cache() {
        return Caffeine.newBuilder()
                .maximumSize(MAX_CACHED)
                .expireAfterWrite(FRESH)
                .build();
    }

    @Override
    public Optional<ConfigMap> configMap(String namespace, String name) {
        return configMaps.get(namespace + "/" + name, key -> find(CONFIG_MAPS, namespace, name));
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return secrets.get(namespace + "/" + name, key -> find(SECRETS, namespace, name));
    }

    private <T extends HasMetadata> Optional<T> find(ResourceType<T> type, String namespace, String name) {
        try {
            return Optional.of(api.get(type, new ObjectKey(namespace, name)));
        } catch (StatusException e) {
            if (e.code() == NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public Token token(Pod pod, String audience, long expirationSeconds) {
        TokenKey key = new TokenKey(pod.getMetadata().getUid(), audience, expirationSeconds);
        Instant now = clock.instant();
        Token known = tokens.get(key);
        if (known != null && now.isBefore(refreshAt(known))) {
            return known;
        }
        tokens.values().removeIf(token -> now.isAfter(token.expiresAt()));
        Token fresh = request(pod, audience, expirationSeconds, now);
        tokens.put(key, fresh);
        return fresh;
    }

    /** At 80 % of its life or after a day, as upstream's kubelet renews. */
    private static Instant refreshAt(Token token) {
        Duration life = Duration.between(token.issuedAt(), token.expiresAt());
        Duration most = life.multipliedBy(8).dividedBy(10);
        return token.issuedAt().plus(most.compareTo(Duration.ofHours(24)) > 0 ? Duration.ofHours(24) : most);
    }

    private Token request(Pod pod, String audience, long expirationSeconds, Instant now) {
        ObjectNode body = api.serialization().mapper().createObjectNode();
        body.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
        ObjectNode spec = body.putObject("spec");
        spec.put("expirationSeconds", expirationSeconds);
        if (!audience.isEmpty()) {
            spec.putArray("audiences").add(audience);
        }
        spec.putObject("boundObjectRef")
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("name", pod.getMetadata().getName())
                .put("uid", pod.getMetadata().getUid());
        String account = Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), "default");
        JsonNode answer = api.raw(
                "POST",
                "/api/v1/namespaces/%s/serviceaccounts/%s/token"
                        .formatted(pod.getMetadata().getNamespace(), account),
                "application/json",
                body);
        return new Token(
                answer.path("status").path("token").asString(),
                now,
                Instant.parse(answer.path("status").path("expirationTimestamp").asString()));
    }
}
