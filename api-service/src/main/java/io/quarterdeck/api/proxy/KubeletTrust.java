package io.quarterdeck.api.proxy;

import io.quarterdeck.api.http.KeyFiles;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Who this server is towards kubelets, and which of them it believes. Read on first use. Thread-safe.
 */
final class KubeletTrust {

    private final Path authority;
    private final Path certificate;
    private final Path key;
    private @Nullable SSLContext judging;
    private @Nullable SSLContext unjudging;

    KubeletTrust(Path authority, Path certificate, Path key) {
        this.authority = authority;
        this.certificate = certificate;
        this.key = key;
    }

    /** @param judged false for pods and services behind a proxy, whose certificates nobody vouches for (as upstream) */
    synchronized SSLContext context(boolean judged) throws GeneralSecurityException, IOException {
        SSLContext known = judged ? judging : unjudging;
        if (known != null) {
            return known;
        }
        SSLContext context = SSLContext.getInstance("TLS");
        if (judged) {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(KeyFiles.store(certificate, key), KeyFiles.PASSWORD.toCharArray());
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            int number = 0;
            for (X509Certificate each : Pem.certificates(CertificateFiles.read(authority))) {
                authorities.setCertificateEntry("ca" + number++, each);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
            judging = context;
        } else {
            context.init(null, new TrustManager[] {new Everybody()}, new SecureRandom());
            unjudging = context;
        }
        return context;
    }

    private static final class Everybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
