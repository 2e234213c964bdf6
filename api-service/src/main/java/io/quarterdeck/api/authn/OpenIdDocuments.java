package io.quarterdeck.api.authn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * What others need to verify our service-account tokens. Immutable.
 *
 * <p>Source: Kubernetes documentation, "Service account issuer discovery".
 */
@Component
public final class OpenIdDocuments {

    public static final String CONFIGURATION_PATH = "/.well-known/openid-configuration";
    public static final String CONFIGURATION_TYPE = "application/json";
    public static final String KEYS_PATH = "/openid/v1/jwks";
    public static final String KEYS_TYPE = "application/jwk-set+json";

    private final ServiceAccountTokens tokens;

    OpenIdDocuments(ServiceAccountTokens tokens) {
        this.tokens = tokens;
    }

    public String configuration() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("issuer", tokens.issuer());
        document.put("jwks_uri", tokens.issuer().replaceAll("/+$", "") + KEYS_PATH);
        document.put("response_types_supported", List.of("id_token"));
        document.put("subject_types_supported", List.of("public"));
        document.put(
                "id_token_signing_alg_values_supported",
                tokens.keys().all().stream()
                        .map(key -> key.algorithm().name())
                        .distinct()
                        .sorted()
                        .toList());
        return JsonMapper.shared().writeValueAsString(document);
    }

    public String keys() {
        return tokens.keys().jwks();
    }
}
