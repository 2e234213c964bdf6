package io.quarterdeck.api.http;

import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;

/** A certificate chain and its key, read from PEM files into a store that lives in memory alone. */
public final class KeyFiles {

    public static final String ALIAS = "key";

    /** Protects nothing: the store is never written. */
    public static final String PASSWORD = "in-memory";

    private KeyFiles() {}

    /** @throws IllegalStateException when the files hold no such thing */
    public static KeyStore store(Path certificate, Path key) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    ALIAS,
                    Pem.privateKey(CertificateFiles.read(key)),
                    PASSWORD.toCharArray(),
                    Pem.certificates(CertificateFiles.read(certificate)).toArray(Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot use " + certificate + " with " + key, e);
        }
    }
}
