package io.quarterdeck.benchmarks.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Where a server answers and how one identifies oneself. The server's own certificate is believed unseen. */
final class Endpoint {

    private final URI url;
    private final String authorization;
    private final SSLContext tls;

    private Endpoint(URI url, String token, KeyManager @Nullable [] own) {
        this.url = url;
        this.authorization = token.isEmpty() ? "" : "Bearer " + token;
        try {
            this.tls = SSLContext.getInstance("TLS");
            tls.init(own, new TrustManager[] {new Anyone()}, new SecureRandom());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Endpoint withToken(URI url, String token) {
        return new Endpoint(url, token, null);
    }

    /** @param key PKCS #8, PEM */
    static Endpoint withCertificate(URI url, Path certificate, Path key) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var pem = Files.newInputStream(certificate)) {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(pem)
                    .toArray(Certificate[]::new);
            store.setKeyEntry("client", privateKey(Files.readString(key)), new char[0], chain);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        return new Endpoint(url, "", keys.getKeyManagers());
    }

    private static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        byte[] der = Base64.getMimeDecoder()
                .decode(pem.replaceAll("-----[A-Z ]+-----", "").trim());
        for (String algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException other) {
                // The next algorithm, then.
            }
        }
        throw new InvalidKeySpecException("the client key is no PKCS #8 key");
    }

    URI url() {
        return url;
    }

    Http1Connection http1() {
        try {
            return new Http1Connection(socket("http/1.1"), url.getAuthority(), authorization);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Http2Connection http2() {
        try {
            return new Http2Connection(socket("h2"), url.getAuthority(), authorization);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket socket(String protocol) throws IOException {
        Socket plain = new Socket();
        plain.setTcpNoDelay(true);
        plain.connect(new InetSocketAddress(url.getHost(), url.getPort()), 30_000);
        if (url.getScheme().equals("http")) {
            return plain;
        }
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, url.getHost(), url.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static final class Anyone implements X509TrustManager {
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
