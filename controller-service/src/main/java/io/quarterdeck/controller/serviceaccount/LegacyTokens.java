package io.quarterdeck.controller.serviceaccount;

import io.quarterdeck.pki.TokenAlgorithm;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Base64;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens that never end, for Secrets of type kubernetes.io/service-account-token: a JWT of the issuer
 * {@code kubernetes/serviceaccount}, signed by the cluster's key. The same input gives the same token when that is an RSA
 * key. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Managing Service Accounts", long-lived API tokens.
 */
public final class LegacyTokens {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CLAIM = "kubernetes.io/serviceaccount/";

    private final KeyPair keys;
    private final TokenAlgorithm algorithm;
    private final String keyId;

    /** @param keys the cluster's keys for service accounts, RSA or ECDSA */
    public LegacyTokens(KeyPair keys) {
        this.keys = keys;
        this.algorithm = TokenAlgorithm.of(keys.getPublic());
        this.keyId = TokenAlgorithm.keyId(keys.getPublic());
    }

    String token(String namespace, String secret, String account, String accountUid) {
        ObjectNode header = JSON.createObjectNode().put("alg", algorithm.name()).put("kid", keyId);
        ObjectNode claims = JSON.createObjectNode()
                .put("iss", "kubernetes/serviceaccount")
                .put(CLAIM + "namespace", namespace)
                .put(CLAIM + "secret.name", secret)
                .put(CLAIM + "service-account.name", account)
                .put(CLAIM + "service-account.uid", accountUid)
                .put("sub", "system:serviceaccount:" + namespace + ":" + account);
        String signed = base64(JSON.writeValueAsBytes(header)) + "." + base64(JSON.writeValueAsBytes(claims));
        return signed + "." + base64(algorithm.sign(keys.getPrivate(), signed.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
