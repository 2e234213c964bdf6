package io.quarterdeck.api.testing;

import io.quarterdeck.api.ApiServiceApplication;
import io.quarterdeck.pki.ClusterPki;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A whole API server in this process, on free ports, everything in memory. Tokens: {@link #ADMIN} (system:masters) and
 * {@code NAME-token} for the users jane, joe and any other of {@link #USERS}.
 */
public final class RunningApi implements AutoCloseable {

    public static final String ADMIN = "admin-token";
    public static final List<String> USERS = List.of("jane", "joe", "noisy", "quiet");

    private final ConfigurableApplicationContext context;
    private final HttpClient client;
    private final URI root;
    private final Path directory;

    private RunningApi(ConfigurableApplicationContext context, HttpClient client, URI root, Path directory) {
        this.context = context;
        this.client = client;
        this.root = root;
        this.directory = directory;
    }

    /** @param arguments settings as on the command line: {@code --name=value} */
    public static RunningApi start(Path directory, String... arguments) throws IOException {
        Path pki = directory.resolve("pki");
        ClusterPki.ensure(pki, List.of(), "10.96.0.1", "cluster.local", Instant.now());
        Path tokens = directory.resolve("tokens.csv");
        StringBuilder lines = new StringBuilder(ADMIN + ",admin,admin-uid,\"system:masters\"\n");
        USERS.forEach(user -> lines.append(user + "-token," + user + "," + user + "-uid,\"people\"\n"));
        Files.writeString(tokens, lines);
        List<String> all = new ArrayList<>(List.of(
                "--spring.profiles.active=memory",
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--management.server.port=0",
                "--spring.jmx.enabled=false",
                "--quarterdeck.publisher.enabled=false",
                "--quarterdeck.api.pki-directory=" + pki,
                "--quarterdeck.api.authentication.token-auth-file=" + tokens));
        all.addAll(List.of(arguments));
        ConfigurableApplicationContext context =
                new SpringApplication(ApiServiceApplication.class).run(all.toArray(String[]::new));
        int port = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
        return new RunningApi(context, trusting(), URI.create("https://127.0.0.1:" + port), directory);
    }

    /** A client that believes any server: what is tested lies behind the handshake. */
    public static HttpClient trusting() {
        try {
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, new TrustManager[] {new Everybody()}, new SecureRandom());
            return HttpClient.newBuilder()
                    .sslContext(tls)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public URI root() {
        return root;
    }

    public Path pki() {
        return directory.resolve("pki");
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** All beans of a type, in no order. */
    public <T> List<T> beans(Class<T> type) {
        return List.copyOf(context.getBeansOfType(type).values());
    }

    public HttpRequest.Builder request(String path, String token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(root + path)).timeout(Duration.ofSeconds(60));
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public HttpClient client() {
        return client;
    }

    public HttpResponse<String> get(String path, String token) {
        return send(request(path, token));
    }

    public HttpResponse<String> post(String path, String token, String json) {
        return send(request(path, token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8)));
    }

    public HttpResponse<String> send(String method, String path, String token, String type, String body) {
        return send(request(path, token)
                .header("Content-Type", type)
                .method(method, HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8)));
    }

    /** Creates an object that must be accepted. */
    public JsonNode create(String path, String json) {
        HttpResponse<String> response = post(path, ADMIN, json);
        if (response.statusCode() != 201) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return json(response);
    }

    public static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    @Override
    public void close() {
        client.shutdownNow();
        context.close();
    }

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
