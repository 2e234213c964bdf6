package io.quarterdeck.controller;

import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets each controller write as its own service account in kube-system, to which the default roles give what that
 * controller needs and no more. Tokens are asked for when needed and renewed before they end. Thread-safe.
 */
final class ServiceAccountCredentials {

    private static final ResourceType<ServiceAccount> ACCOUNTS = ResourceType.of(ServiceAccount.class);
    private static final String NAMESPACE = "kube-system";
    private static final Duration LIFETIME = Duration.ofHours(1);

    /** Share of its life after which a token is renewed. */
    private static final double RENEW_AFTER = 0.8;

    private final ApiClient own;
    private final KubernetesClient anonymous;
    private final InstantSource clock;
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();

    private record Token(String text, Instant renewAt) {}

    /**
     * @param own the process's own identity, which may ask for tokens
     * @param anonymous a client without identity, for requests with those tokens
     */
    ServiceAccountCredentials(ApiClient own, KubernetesClient anonymous, InstantSource clock) {
        this.own = own;
        this.anonymous = anonymous;
        this.clock = clock;
    }

    ApiClient client(String account) {
        return new ApiClient(anonymous, () -> token(account));
    }

    private String token(String account) {
        return tokens.compute(
                        account,
                        (name, known) -> known != null && clock.instant().isBefore(known.renewAt()) ? known : ask(name))
                .text();
    }

    private Token ask(String account) {
        Instant now = clock.instant();
        JsonNode answer;
        try {
            answer = request(account);
        } catch (StatusException refused) {
            if (refused.code() != 404) {
                throw refused;
            }
            create(account);
            answer = request(account);
        }
        Instant end = Instant.parse(answer.path("status")
                .path("expirationTimestamp")
                .asString(now.plus(LIFETIME).toString()));
        long life = (long) (Duration.between(now, end).toMillis() * RENEW_AFTER);
        return new Token(answer.path("status").path("token").asString(""), now.plusMillis(life));
    }

    private JsonNode request(String account) {
        ObjectNode body = own.serialization().mapper().createObjectNode();
        body.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
        body.putObject("spec").put("expirationSeconds", LIFETIME.toSeconds()).putArray("audiences");
        String path = ACCOUNTS.path(new ObjectKey(NAMESPACE, account), "token");
        return own.raw("POST", path, "application/json", body);
    }

    private void create(String account) {
        try {
            own.create(
                    ACCOUNTS,
                    new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withNamespace(NAMESPACE)
                            .withName(account)
                            .endMetadata()
                            .build());
        } catch (StatusException refused) {
            if (!refused.reason().equals("AlreadyExists")) {
                throw refused;
            }
        }
    }
}
