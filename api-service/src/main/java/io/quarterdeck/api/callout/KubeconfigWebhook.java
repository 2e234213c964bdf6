package io.quarterdeck.api.callout;

import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.pki.CertificateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLException;
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
    private static final class RefusedException extends IOException {
        private final int code;
        private final boolean later;

        RefusedException(int code, boolean later, String message) {
            super(message);
            this.code = code;
            this.later = later;
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
        // Upstream's clients tell the time that they have.
        URI uri = URI.create(server + (server.contains("?") ? "&" : "?") + "timeout=" + timeout.toSeconds() + "s");
        return new KubeconfigWebhook(client, uri, authorization(file, user), timeout);
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
     * Posts a review and reads the answer, which is a review of the same version.
     *
     * @throws IOException in upstream's words when there is no answer in time, no success, or nothing that can be read
     */
    public JsonNode ask(JsonNode review, WebhookClient.Review kind) throws IOException, InterruptedException {
        return WebhookAnswers.read(post(review.toString().getBytes(StandardCharsets.UTF_8)), kind);
    }

    /** Whether upstream's client would ask again after such a failure of {@link #ask}. */
    public static boolean isPassing(IOException failed) {
        return failed instanceof RefusedException refused
                ? refused.later || refused.code == 429 || (refused.code >= 500 && refused.code != 503)
                // The JDK has no type of its own for a connection that was reset.
                : String.valueOf(failed.getMessage()).contains("reset");
    }

    /** Posts JSON to which no answer is expected but success. */
    public void deliver(byte[] json) throws IOException, InterruptedException {
        post(json);
    }

    private WebhookConnection.Answer post(byte[] json) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, */*")
                .header("User-Agent", "kube-apiserver")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        try {
            HttpResponse<InputStream> response =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                return success(response, body.readNBytes(LARGEST_ANSWER + 1));
            }
        } catch (RefusedException refused) {
            throw refused;
        } catch (IOException failed) {
            throw new IOException("Post \"%s\": %s".formatted(server, why(failed)), failed);
        }
    }

    private static WebhookConnection.Answer success(HttpResponse<?> response, byte[] body) throws IOException {
        if (body.length > LARGEST_ANSWER) {
            throw WebhookConnection.tooLarge();
        }
        WebhookConnection.Answer answer = new WebhookConnection.Answer(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                "",
                body);
        if (answer.status() < 200 || answer.status() >= 300) {
            throw new RefusedException(
                    answer.status(),
                    response.headers().firstValue("Retry-After").isPresent(),
                    WebhookAnswers.failure(answer, body));
        }
        return answer;
    }

    private String why(IOException failed) {
        String message = String.valueOf(failed.getMessage());
        return switch (failed) {
            case HttpConnectTimeoutException slow -> "dial tcp %s: i/o timeout".formatted(server.getAuthority());
            case HttpTimeoutException slow ->
                "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
            case ConnectException refused ->
                "dial tcp %s: connect: connection refused".formatted(server.getAuthority());
            case SSLException unproven -> TlsFailures.text(unproven, server.getHost(), Instant.now());
            default -> message.contains("received no bytes") ? "EOF" : message;
        };
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
