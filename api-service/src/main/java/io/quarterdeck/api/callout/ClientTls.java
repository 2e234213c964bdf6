package io.quarterdeck.api.callout;

import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS contexts of a client from PEM texts; nothing is written to disk. */
public final class ClientTls {

    private ClientTls() {}

    /**
     * @param authorities whom to believe; the machine's own authorities when null
     * @param certificate the client's own chain, or null
     * @param key its key
     */
    public static SSLContext of(@Nullable String authorities, @Nullable String certificate, @Nullable String key) {
        try {
            return context(keys(certificate, key), trust(authorities));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("no TLS with these certificates: " + e.getMessage(), e);
        }
    }

    /** Believes any server: only where an operator has written so. */
    public static SSLContext unjudging(@Nullable String certificate, @Nullable String key) {
        try {
            return context(keys(certificate, key), new TrustManager[] {new Everybody()});
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("no TLS with these certificates: " + e.getMessage(), e);
        }
    }

    private static SSLContext context(KeyManager @Nullable [] keys, TrustManager @Nullable [] trust)
            throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust, new SecureRandom());
        return context;
    }

    private static KeyManager @Nullable [] keys(@Nullable String certificate, @Nullable String key)
            throws GeneralSecurityException, IOException {
        if (certificate == null || key == null) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        char[] inMemory = "in-memory".toCharArray();
        store.setKeyEntry(
                "key",
                Pem.privateKey(key),
                inMemory,
                Pem.certificates(certificate).toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, inMemory);
        return factory.getKeyManagers();
    }

    private static TrustManager @Nullable [] trust(@Nullable String authorities)
            throws GeneralSecurityException, IOException {
        if (authorities == null) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (X509Certificate each : Pem.readableCertificates(authorities)) {
            store.setCertificateEntry("ca" + number++, each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** An extended one, so that names are not checked either. */
    private static final class Everybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
