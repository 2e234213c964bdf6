package io.quarterdeck.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.testing.RunningApi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server that is killed under load has recorded all that it acknowledged. */
class AuditSurvivesIT {

    private static final String MARK = "listening at ";
    private static final int WRITERS = 16;
    private static final int ENOUGH = 400;

    @TempDir
    Path directory;

    /** A server in a process of its own. */
    static final class Server {

        private Server() {}

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            try (RunningApi api = RunningApi.start(
                    directory,
                    "--quarterdeck.api.audit.policy-file=" + directory.resolve("policy.yaml"),
                    "--quarterdeck.api.audit.log-path=" + directory.resolve("audit.log"))) {
                System.out.println(MARK + api.root());
                new Semaphore(0).acquire();
            }
        }
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Server.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
    }

    private static URI root(Process server) throws IOException {
        BufferedReader out = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
        List<String> said = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.add(line);
            if (line.startsWith(MARK)) {
                // What it says from now on must not fill the pipe.
                Thread.ofVirtual().start(() -> out.lines().forEach(more -> {}));
                return URI.create(line.substring(MARK.length()));
            }
        }
        throw new AssertionError("the server did not start: " + String.join("\n", said));
    }

    @Test
    void whatWasAcknowledgedIsRecordedOnceAStage() throws Exception {
        Files.writeString(
                directory.resolve("policy.yaml"),
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, resources: [{group: \"\", resources: [configmaps]}]}]\n");
        Process server = launch();
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        try {
            URI root = root(server);
            AtomicInteger next = new AtomicInteger();
            HttpClient client = RunningApi.trusting();
            try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < WRITERS; i++) {
                    writers.submit(() -> {
                        while (server.isAlive()) {
                            String id = "write-" + next.incrementAndGet();
                            if (write(client, root, id)) {
                                acknowledged.add(id);
                            }
                            if (acknowledged.size() >= ENOUGH) {
                                server.destroyForcibly();
                            }
                        }
                        return null;
                    });
                }
            }
        } finally {
            server.destroyForcibly().waitFor();
        }
        Map<String, List<String>> stages = new TreeMap<>();
        String log = Files.readString(directory.resolve("audit.log"));
        // The line that was being written when the server was killed belongs to nothing that was acknowledged.
        for (String line : log.substring(0, log.lastIndexOf('\n') + 1).lines().toList()) {
            JsonNode event = JsonMapper.shared().readTree(line);
            stages.computeIfAbsent(event.path("auditID").asString(""), id -> new ArrayList<>())
                    .add(event.path("stage").asString(""));
        }
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ENOUGH);
        assertThat(stages).containsKeys(acknowledged.toArray(String[]::new));
        assertThat(acknowledged)
                .allSatisfy(id -> assertThat(stages.get(id)).containsExactly("RequestReceived", "ResponseComplete"));
    }

    /** Whether the server says that it is done. */
    private static boolean write(HttpClient client, URI root, String id) throws InterruptedException {
        try {
            return client.send(
                                    HttpRequest.newBuilder(URI.create(root + "/api/v1/namespaces/default/configmaps"))
                                            .header("Authorization", "Bearer " + RunningApi.ADMIN)
                                            .header("Content-Type", "application/json")
                                            .header("Audit-ID", id)
                                            .POST(HttpRequest.BodyPublishers.ofString(
                                                    "{\"metadata\":{\"name\":\"%s\"}}".formatted(id)))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode()
                    == 201;
        } catch (IOException killed) {
            return false;
        }
    }
}
