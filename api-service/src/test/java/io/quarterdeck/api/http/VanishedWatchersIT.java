package io.quarterdeck.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.testing.RunningApi;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches whose clients are gone end soon, also when nothing is ever written to them. */
class VanishedWatchersIT {

    private static final int WATCHES = 20;
    private static final String WATCH = "/api/v1/configmaps?watch=true&timeoutSeconds=600";

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
    void streamsTakenBackEndTheirWatches() throws Exception {
        int before = watchers();
        HttpClient client = RunningApi.trusting();
        try {
            List<InputStream> open = open(client, HttpClient.Version.HTTP_2);
            await().until(() -> watchers() == before + WATCHES);
            assertThat(api.bean(MeterRegistry.class)
                            .get("apiserver_longrunning_requests")
                            .tags("verb", "WATCH", "resource", "configmaps", "scope", "cluster")
                            .gauge()
                            .value())
                    .isEqualTo(WATCHES);

            for (InputStream watch : open) {
                watch.close();
            }

            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(watchers()).isEqualTo(before));
        } finally {
            // Closing would wait for the watches, for ever where one did not end.
            client.shutdownNow();
        }
    }

    @Test
    void closedConnectionsEndTheirWatches() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            int before = watchers();
            HttpClient client = RunningApi.trusting();
            open(client, version);
            await().until(() -> watchers() == before + WATCHES);

            client.shutdownNow();

            await(version.toString())
                    .atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(watchers()).isEqualTo(before));
        }
    }

    private static List<InputStream> open(HttpClient client, HttpClient.Version version) throws Exception {
        List<InputStream> open = new ArrayList<>();
        for (int i = 0; i < WATCHES; i++) {
            HttpResponse<InputStream> answer = client.send(
                    api.request(WATCH, RunningApi.ADMIN).version(version).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(answer.version()).isEqualTo(version);
            open.add(answer.body());
        }
        return open;
    }

    private static int watchers() {
        return api.bean(StoreWatchCache.class).figures().stream()
                .filter(storage -> storage.storage().contains("configmaps"))
                .mapToInt(StoreWatchCache.StorageFigures::watchers)
                .sum();
    }
}
