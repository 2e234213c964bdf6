package io.quarterdeck.pki;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/**
 * How the tokens of service accounts are signed: the key decides, never the token. The names are those of RFC 7518.
 *
 * <p>Source: kube-apiserver's --service-account-signing-key-file, which takes RSA and ECDSA keys.
 */
public enum TokenAlgorithm {
    RS256("SHA256withRSA"),
    ES256("SHA256withECDSAinP1363Format"),
    ES384("SHA384withECDSAinP1363Format"),
    ES512("SHA512withECDSAinP1363Format");

    private final String signature;

    TokenAlgorithm(String signature) {
        this.signature = signature;
    }

    /** @throws IllegalArgumentException for keys that upstream does not sign with */
    public static TokenAlgorithm of(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa -> RS256;
            case ECPublicKey elliptic ->
                switch (elliptic.getParams().getOrder().bitLength()) {
                    case 256 -> ES256;
                    case 384 -> ES384;
                    case 521 -> ES512;
                    default ->
                        throw new IllegalArgumentException(
                                "service account keys must be of the curve P-256, P-384 or P-521");
                };
            default -> throw new IllegalArgumentException("service account keys must be RSA or ECDSA keys");
        };
    }

    /** The signature in the form that a token carries. */
    public byte[] sign(PrivateKey key, byte[] text) {
        try {
            Signature signing = Signature.getInstance(signature);
            signing.initSign(key);
            signing.update(text);
            return signing.sign();
        } catch (GeneralSecurityException unusable) {
            throw new IllegalStateException("the key cannot sign", unusable);
        }
    }

    /** The id that tokens name a key by, as upstream's: a digest of the key's PKIX form. */
    public static String keyId(PublicKey key) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java runtime", impossible);
        }
    }
}
