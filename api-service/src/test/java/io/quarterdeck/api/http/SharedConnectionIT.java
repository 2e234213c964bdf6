package io.quarterdeck.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.api.testing.RunningApi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many streams on one HTTP/2 connection, as client-go opens them: each gets what is its own, whole and in order. */
class SharedConnectionIT {

    private static final int WATCHES = 1_100;
    private static final int CHANGES = 20;

    @TempDir
    static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws IOException {
        api = RunningApi.start(directory);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @Test
    void watchesAndAnswersShareAConnectionAndKeepTheirOrder() throws Exception {
        String maps = "/api/v1/namespaces/default/configmaps";
        HttpClient client = RunningApi.trusting();
        try {
            List<List<String>> seen = new ArrayList<>();
            for (int i = 0; i < WATCHES; i++) {
                HttpResponse<InputStream> watch = client.send(
                        request(maps + "?watch=true&timeoutSeconds=600&fieldSelector=metadata.name%3Dshared")
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
                List<String> values = new CopyOnWriteArrayList<>();
                seen.add(values);
                Thread.startVirtualThread(() -> read(watch.body(), values));
            }
            // Frames of all sizes: those that wait for others, those that go at once, and those of several records.
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < CHANGES; i++) {
                String value = i + "-" + "x".repeat(i % 10 == 9 ? 40_000 : i * 450);
                sent.add(value);
                String body = """
                        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"shared"},"data":{"value":"%s"}}""".formatted(value);
                HttpResponse<String> written = client.send(
                        (i == 0
                                        ? request(maps).POST(HttpRequest.BodyPublishers.ofString(body))
                                        : request(maps + "/shared").PUT(HttpRequest.BodyPublishers.ofString(body)))
                                .header("Content-Type", "application/json")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(written.statusCode()).isEqualTo(i == 0 ? 201 : 200);
                assertThat(written.body()).contains("\"" + value + "\"");
            }

            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(seen.stream().map(List::size))
                            .as("how many changes each watch has seen")
                            .containsOnly(CHANGES));
            assertThat(seen).allSatisfy(values -> assertThat(values).isEqualTo(sent));
        } finally {
            client.shutdownNow();
        }
    }

    private static HttpRequest.Builder request(String path) {
        return api.request(path, RunningApi.ADMIN).version(HttpClient.Version.HTTP_2);
    }

    private static void read(InputStream watch, List<String> values) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(watch, StandardCharsets.UTF_8))) {
            while (true) {
                String[] parts = lines.readLine().split("\"value\":\"", 2);
                values.add(parts[1].substring(0, parts[1].indexOf('"')));
            }
        } catch (IOException ended) {
            // The test is over, or the counts will tell.
        }
    }
}
