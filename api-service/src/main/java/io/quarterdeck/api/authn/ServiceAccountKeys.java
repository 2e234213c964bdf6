package io.quarterdeck.api.authn;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import io.quarterdeck.pki.TokenAlgorithm;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of service-account tokens: one signs, all verify. A key's id is the digest of its public half, as upstream's,
 * so that tokens outlive a change of the signing key as long as its public half stays configured. Immutable.
 */
public final class ServiceAccountKeys {

    /** What tokens are verified by. */
    record Verifying(String id, TokenAlgorithm algorithm, PublicKey key) {

        Verifying(PublicKey key) {
            this(TokenAlgorithm.keyId(key), TokenAlgorithm.of(key), key);
        }
    }

    private final PrivateKey signing;
    private final Verifying own;
    private final Map<String, Verifying> verifying = new LinkedHashMap<>();

    private ServiceAccountKeys(KeyPair signing, List<PublicKey> others) {
        this.signing = signing.getPrivate();
        this.own = new Verifying(signing.getPublic());
        verifying.put(own.id(), own);
        others.stream().map(Verifying::new).forEach(key -> verifying.put(key.id(), key));
    }

    public static ServiceAccountKeys of(KeyPair signing) {
        return new ServiceAccountKeys(signing, List.of());
    }

    static ServiceAccountKeys read(Path signingFile, List<Path> verificationFiles) {
        List<PublicKey> others = new ArrayList<>();
        for (Path file : verificationFiles) {
            others.addAll(Pem.publicKeys(CertificateFiles.read(file)));
        }
        return new ServiceAccountKeys(Pem.keyPair(CertificateFiles.read(signingFile)), others);
    }

    PrivateKey signing() {
        return signing;
    }

    /** The public half of {@link #signing}. */
    Verifying own() {
        return own;
    }

    @Nullable Verifying verifying(String id) {
        return verifying.get(id);
    }

    /** All keys; a token without a key id is tried against each. */
    List<Verifying> all() {
        return List.copyOf(verifying.values());
    }

    /** The document behind {@code /openid/v1/jwks}: public halves only. */
    public String jwks() {
        return new JWKSet(
                        verifying.values().stream().map(ServiceAccountKeys::jwk).toList())
                .toString(true);
    }

    private static JWK jwk(Verifying key) {
        JWSAlgorithm algorithm = JWSAlgorithm.parse(key.algorithm().name());
        return key.key() instanceof ECPublicKey elliptic
                ? new ECKey.Builder(Curve.forECParameterSpec(elliptic.getParams()), elliptic)
                        .keyID(key.id())
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(algorithm)
                        .build()
                : new RSAKey.Builder((RSAPublicKey) key.key())
                        .keyID(key.id())
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(algorithm)
                        .build();
    }
}
