package io.quarterdeck.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/**
 * New key pairs: P-256 for certificates, RSA 2048 for service-account tokens (RS256, which every verifier knows; an ECDSA
 * key may be put in its place).
 */
public final class Keys {

    private Keys() {}

    public static KeyPair ellipticCurve() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("P-256 is part of every Java runtime", impossible);
        }
    }

    static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("RSA is part of every Java runtime", impossible);
        }
    }
}
