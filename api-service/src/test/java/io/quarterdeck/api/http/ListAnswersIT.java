package io.quarterdeck.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.testing.RunningApi;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lists in pieces, lists that took too long, lists that are packed. Source: Kubernetes documentation, "API Concepts". */
class ListAnswersIT {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws IOException {
        api = RunningApi.start(directory, "--quarterdeck.store.ring-bytes=64KB");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @Test
    void aTokenThatIsTooOldComesWithOneThatGoesOn() {
        for (String name : new String[] {"page-a", "page-b", "page-c"}) {
            create(name, "x");
        }
        JsonNode first = json(get(MAPS + "?limit=1&fieldSelector=metadata.name!%3Dkube-root-ca.crt", ""));
        String token = first.path("metadata").path("continue").asString();
        assertThat(json(get(next(token), "")).path("metadata").path("resourceVersion"))
                .as("a page shows the state of the first")
                .isEqualTo(first.path("metadata").path("resourceVersion"));

        for (int i = 0; i < 200; i++) {
            replace("page-c", i + "-" + "x".repeat(2_000));
        }
        HttpResponse<byte[]> expired = get(next(token), "");

        assertThat(expired.statusCode()).isEqualTo(410);
        JsonNode status = json(expired);
        assertThat(status.path("reason").asString()).isEqualTo("Expired");
        assertThat(status.path("message").asString())
                .startsWith("The provided continue parameter is too old to display a consistent list result.");
        JsonNode rest = json(get(next(status.path("metadata").path("continue").asString()), ""));
        assertThat(rest.path("items").findValuesAsString("name")).contains("page-b", "page-c");
        assertThat(rest.path("items")
                        .get(rest.path("items").size() - 1)
                        .path("data")
                        .path("value")
                        .asString())
                .as("what is there now")
                .startsWith("199-");
    }

    private static String next(String token) {
        return MAPS + "?limit=10&fieldSelector=metadata.name!%3Dkube-root-ca.crt&continue="
                + URLEncoder.encode(token, StandardCharsets.UTF_8);
    }

    @Test
    void largeAnswersArePackedForThoseWhoAskForIt() throws IOException {
        create("large", "y".repeat(200_000));
        HttpResponse<byte[]> plain = get(MAPS + "/large", "");
        HttpResponse<byte[]> packed = get(MAPS + "/large", "gzip");
        HttpResponse<byte[]> list = get(MAPS + "?fieldSelector=metadata.name%3Dlarge", "br, gzip;q=0.5");

        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(packed.headers().allValues("Vary")).contains("Accept-Encoding");
        assertThat(packed.body().length).isLessThan(plain.body().length / 10);
        assertThat(unpacked(packed)).isEqualTo(plain.body());
        assertThat(JSON.readTree(unpacked(list)).path("items").get(0).path("data"))
                .isEqualTo(json(plain).path("data"));
    }

    @Test
    void smallAnswersAndWatchesAreNotPacked() {
        create("small", "z");
        assertThat(get(MAPS + "/small", "gzip").headers().firstValue("Content-Encoding"))
                .isEmpty();
        create("watched", "w".repeat(200_000));
        HttpResponse<byte[]> watch =
                get(MAPS + "?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dwatched", "gzip");
        assertThat(watch.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(new String(watch.body(), StandardCharsets.UTF_8)).startsWith("{\"type\":\"ADDED\"");
    }

    private static byte[] unpacked(HttpResponse<byte[]> answer) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
    }

    private static JsonNode json(HttpResponse<byte[]> answer) {
        return JSON.readTree(answer.body());
    }

    private static HttpResponse<byte[]> get(String path, String encoding) {
        HttpRequest.Builder request = api.request(path, RunningApi.ADMIN);
        return send(encoding.isEmpty() ? request : request.header("Accept-Encoding", encoding));
    }

    private static void create(String name, String value) {
        assertThat(send(api.request(MAPS, RunningApi.ADMIN)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(map(name, value))))
                        .statusCode())
                .isEqualTo(201);
    }

    private static void replace(String name, String value) {
        assertThat(send(api.request(MAPS + "/" + name, RunningApi.ADMIN)
                                .header("Content-Type", "application/json")
                                .PUT(HttpRequest.BodyPublishers.ofString(map(name, value))))
                        .statusCode())
                .isEqualTo(200);
    }

    private static String map(String name, String value) {
        return """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":{"value":"%s"}}""".formatted(name, value);
    }

    private static HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return api.client().send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
