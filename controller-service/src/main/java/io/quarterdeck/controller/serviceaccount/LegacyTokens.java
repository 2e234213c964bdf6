package io.quarterdeck.controller.serviceaccount;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Base64;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens that never end, for Secrets of type kubernetes.io/service-account-token: a JWT of the issuer
 * {@code kubernetes/serviceaccount}, signed by RS256. The same input gives the same token. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Managing Service Accounts", long-lived API tokens.
 */
public final class LegacyTokens {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CLAIM = "kubernetes.io/serviceaccount/";

    private final KeyPair keys;
    private final String keyId;

    /** @param keys the cluster's RSA keys for service accounts */
    public LegacyTokens(KeyPair keys) {
        this.keys = keys;
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(keys.getPublic().getEncoded());
            this.keyId = base64(digest);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java runtime", impossible);
        }
    }

    String token(String namespace, String secret, String account, String accountUid) {
        ObjectNode header = JSON.createObjectNode().put("alg", "RS256").put("kid", keyId);
        ObjectNode claims = JSON.createObjectNode()
                .put("iss", "kubernetes/serviceaccount")
                .put(CLAIM + "namespace", namespace)
                .put(CLAIM + "secret.name", secret)
                .put(CLAIM + "service-account.name", account)
                .put(CLAIM + "service-account.uid", accountUid)
                .put("sub", "system:serviceaccount:" + namespace + ":" + account);
        String signed = base64(JSON.writeValueAsBytes(header)) + "." + base64(JSON.writeValueAsBytes(claims));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(keys.getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException unusable) {
            throw new IllegalStateException("the key cannot sign", unusable);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
