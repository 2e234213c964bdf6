package io.quarterdeck.api.callout;

import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.pki.CertificateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A server that a kubeconfig file names: the current context's cluster is where it is and what it proves itself with, the
 * user what this server shows. Redirects are answers like any other, never followed. Blocking, thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Webhook Token Authentication", "Webhook Mode", "Auditing".
 */
public final class KubeconfigWebhook implements AutoCloseable {

    private static final int LARGEST_ANSWER = 3 << 20;

    private final HttpClient client;
    private final URI server;
    private final @Nullable String authorization;
    private final Duration timeout;

    private KubeconfigWebhook(HttpClient client, URI server, @Nullable String authorization, Duration timeout) {
        this.client = client;
        this.server = server;
        this.authorization = authorization;
        this.timeout = timeout;
    }

    /** The server answered something else than success. */
    public static final class RefusedException extends IOException {
        private final int code;

        RefusedException(int code) {
            super("the webhook answered " + code);
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    /** @throws IllegalArgumentException when the file names no server that can be called */
    public static KubeconfigWebhook read(Path file, Duration timeout) {
        JsonNode config = ConfigurationFile.parse(CertificateFiles.read(file), file.toString());
        JsonNode context = named(
                        config, "contexts", config.path("current-context").asString(""))
                .path("context");
        JsonNode cluster =
                named(config, "clusters", context.path("cluster").asString("")).path("cluster");
        JsonNode user =
                named(config, "users", context.path("user").asString("")).path("user");
        String server = cluster.path("server").asString("");
        if (server.isEmpty()) {
            throw new IllegalArgumentException(file + ": the current context names no cluster with a server");
        }
        String authorities = pem(file, cluster, "certificate-authority");
        String certificate = pem(file, user, "client-certificate");
        String key = pem(file, user, "client-key");
        HttpClient client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .sslContext(
                        cluster.path("insecure-skip-tls-verify").asBoolean(false)
                                ? ClientTls.unjudging(certificate, key)
                                : ClientTls.of(authorities, certificate, key))
                .build();
        return new KubeconfigWebhook(client, URI.create(server), authorization(file, user), timeout);
    }

    private static JsonNode named(JsonNode config, String section, String name) {
        for (JsonNode entry : config.path(section)) {
            if (entry.path("name").asString("").equals(name)) {
                return entry;
            }
        }
        return config.path("absent");
    }

    private static @Nullable String pem(Path file, JsonNode node, String field) {
        String data = node.path(field + "-data").asString("");
        if (!data.isEmpty()) {
            return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.UTF_8);
        }
        String path = node.path(field).asString("");
        return path.isEmpty() ? null : CertificateFiles.read(file.resolveSibling(path));
    }

    private static @Nullable String authorization(Path file, JsonNode user) {
        String token = user.path("token").asString("");
        String tokenFile = user.path("tokenFile").asString("");
        if (!tokenFile.isEmpty()) {
            token = CertificateFiles.read(file.resolveSibling(tokenFile)).strip();
        }
        if (!token.isEmpty()) {
            return "Bearer " + token;
        }
        String name = user.path("username").asString("");
        return name.isEmpty()
                ? null
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (name + ":" + user.path("password").asString(""))
                                                .getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Posts JSON and answers the body.
     *
     * @throws IOException when there is no connection, no answer in time, or no success
     */
    public byte[] post(byte[] json) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("User-Agent", "kube-apiserver")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() < 200 || response.statusCode() >= 300) {
                throw new RefusedException(response.statusCode());
            }
            byte[] answer = body.readNBytes(LARGEST_ANSWER + 1);
            if (answer.length > LARGEST_ANSWER) {
                throw new IOException("the webhook's answer is too large");
            }
            return answer;
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
