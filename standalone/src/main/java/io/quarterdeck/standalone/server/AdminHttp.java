package io.quarterdeck.standalone.server;

import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import io.quarterdeck.standalone.instance.Instance;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A few requests to the instance's own API as its administrator, without the weight of a Kubernetes client. */
public final class AdminHttp implements AutoCloseable {
    private static final char[] IN_MEMORY = new char[0];

    private final HttpClient client;
    private final URI server;

    public AdminHttp(Instance instance, int port) {
        this.server = URI.create("https://127.0.0.1:" + port);
        this.client = HttpClient.newBuilder()
                .sslContext(sslContext(instance))
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
    }

    private static SSLContext sslContext(Instance instance) {
        try {
            X509Certificate authority = certificate(instance, "ca.crt");
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", authority);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);

            KeyStore own = KeyStore.getInstance(KeyStore.getDefaultType());
            own.load(null, null);
            own.setKeyEntry(
                    "admin",
                    Pem.privateKey(CertificateFiles.read(instance.pki().resolve("admin.key"))),
                    IN_MEMORY,
                    new X509Certificate[] {certificate(instance, "admin.crt")});
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, IN_MEMORY);

            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot use the certificates in " + instance.pki(), e);
        }
    }

    private static X509Certificate certificate(Instance instance, String name) {
        return Pem.certificate(CertificateFiles.read(instance.pki().resolve(name)));
    }

    /** The answer to a GET, whatever its status. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path, "");
    }

    public HttpResponse<String> send(String method, String path, String json) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(Duration.ofSeconds(10))
                .header("Accept", "application/json")
                .header("User-Agent", "quarterdeck");
        if (json.isEmpty()) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(json));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Whether the API answers /readyz with 200. */
    public boolean ready() throws InterruptedException {
        try {
            return get("/readyz").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
