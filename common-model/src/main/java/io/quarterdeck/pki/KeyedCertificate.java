package io.quarterdeck.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/** A certificate together with its private key. Immutable; its text never shows the key. */
public record KeyedCertificate(X509Certificate certificate, PrivateKey key) {

    public String certificatePem() {
        return Pem.encode(certificate);
    }

    /** For files that servers read. */
    public String keyPem() {
        return Pem.encode(key);
    }

    /** For kubeconfig files. */
    public String clientKeyPem() {
        return Pem.encodeForClients(key);
    }

    @Override
    public String toString() {
        return certificate.getSubjectX500Principal().getName();
    }
}
