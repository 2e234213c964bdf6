package io.quarterdeck.api.authn;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of service-account tokens: one signs, all verify. A key's id is the digest of its public half, as upstream's,
 * so that tokens outlive a change of the signing key as long as its public half stays configured. Immutable.
 */
public final class ServiceAccountKeys {

    private final RSAPrivateKey signing;
    private final String signingId;
    private final Map<String, RSAPublicKey> verifying;

    private ServiceAccountKeys(KeyPair signing, List<PublicKey> others) {
        this.signing = (RSAPrivateKey) signing.getPrivate();
        this.signingId = id(signing.getPublic());
        Map<String, RSAPublicKey> keys = new LinkedHashMap<>();
        keys.put(signingId, (RSAPublicKey) signing.getPublic());
        for (PublicKey other : others) {
            if (!(other instanceof RSAPublicKey rsa)) {
                throw new IllegalArgumentException("service account keys must be RSA keys");
            }
            keys.put(id(other), rsa);
        }
        this.verifying = keys;
    }

    public static ServiceAccountKeys of(KeyPair signing) {
        return new ServiceAccountKeys(signing, List.of());
    }

    static ServiceAccountKeys read(Path signingFile, List<Path> verificationFiles) {
        List<PublicKey> others = new ArrayList<>();
        for (Path file : verificationFiles) {
            others.addAll(Pem.publicKeys(CertificateFiles.read(file)));
        }
        return new ServiceAccountKeys(Pem.rsaKeyPair(CertificateFiles.read(signingFile)), others);
    }

    RSAPrivateKey signing() {
        return signing;
    }

    String signingId() {
        return signingId;
    }

    @Nullable RSAPublicKey verifying(String id) {
        return verifying.get(id);
    }

    /** All keys; a token without a key id is tried against each. */
    List<RSAPublicKey> all() {
        return List.copyOf(verifying.values());
    }

    /** The document behind {@code /openid/v1/jwks}: public halves only. */
    public String jwks() {
        return new JWKSet(verifying.entrySet().stream()
                        .map(entry -> (JWK) new RSAKey.Builder(entry.getValue())
                                .keyID(entry.getKey())
                                .keyUse(KeyUse.SIGNATURE)
                                .algorithm(JWSAlgorithm.RS256)
                                .build())
                        .toList())
                .toString(true);
    }

    private static String id(PublicKey key) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java runtime", impossible);
        }
    }
}
