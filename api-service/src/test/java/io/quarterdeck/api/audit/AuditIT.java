package io.quarterdeck.api.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.quarterdeck.api.testing.RunningApi;
import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The trail of a real server in all three backends; the expected events are those of kube-apiserver 1.36.2. */
class AuditIT {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    @TempDir
    static Path directory;

    private static final ConcurrentLinkedQueue<JsonNode> POSTED = new ConcurrentLinkedQueue<>();
    private static EmbeddedKafka kafka;
    private static HttpServer receiver;
    private static RunningApi api;

    @BeforeAll
    static void start() throws IOException {
        kafka = EmbeddedKafka.start(KafkaSettings.in(directory.resolve("kafka")));
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            JsonNode list = JsonMapper.shared().readTree(exchange.getRequestBody());
            list.path("items").forEach(POSTED::add);
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
        Path webhook = Files.writeString(directory.resolve("webhook.yaml"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d/"}}]
                users: [{name: u, user: {token: "for-the-receiver"}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """.formatted(
                        receiver.getAddress().getPort()));
        Path policy = Files.writeString(directory.resolve("policy.yaml"), """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitManagedFields: true
                rules:
                - {level: Request, resources: [{group: "", resources: [services]}]}
                - {level: RequestResponse}
                """);
        List<String> settings = new ArrayList<>(List.of(
                "--quarterdeck.api.audit.policy-file=" + policy,
                "--quarterdeck.api.audit.log-path=" + directory.resolve("audit.log"),
                "--quarterdeck.api.audit.kafka-topic=audit",
                "--quarterdeck.api.audit.webhook-config-file=" + webhook,
                "--quarterdeck.api.audit.batch-max-wait=50ms",
                "--spring.kafka.bootstrap-servers=" + kafka.clientProperties().get("bootstrap.servers")));
        kafka.clientProperties()
                .forEach((name, value) -> settings.add("--spring.kafka.properties[" + name + "]=" + value));
        api = RunningApi.start(directory, settings.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        api.close();
        receiver.stop(0);
        kafka.close();
    }

    /** Waits for the last stage of a request, then answers all its events. */
    private static List<JsonNode> events(String auditId) throws IOException {
        await().atMost(Duration.ofSeconds(90))
                .until(() -> logged(auditId).stream()
                        .anyMatch(event -> List.of("ResponseComplete", "Panic")
                                .contains(event.path("stage").asString(""))));
        return logged(auditId);
    }

    private static List<JsonNode> logged(String auditId) throws IOException {
        return Files.readAllLines(directory.resolve("audit.log")).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .filter(event -> event.path("auditID").asString("").equals(auditId))
                .toList();
    }

    private static List<String> stages(List<JsonNode> events) {
        return events.stream().map(event -> event.path("stage").asString("")).toList();
    }

    @Test
    void aCreateIsRecordedWithBothBodies() throws IOException {
        var answer = api.post(MAPS, RunningApi.ADMIN, "{\"metadata\":{\"name\":\"a1\"},\"data\":{\"k\":\"v\"}}");
        List<JsonNode> events = events(answer.headers().firstValue("Audit-ID").orElseThrow());
        assertThat(stages(events)).containsExactly("RequestReceived", "ResponseComplete");
        JsonNode last = events.getLast();
        assertThat(last.path("level").asString("")).isEqualTo("RequestResponse");
        assertThat(last.path("user").toString())
                .isEqualTo("{\"username\":\"admin\",\"uid\":\"admin-uid\","
                        + "\"groups\":[\"system:masters\",\"system:authenticated\"]}");
        assertThat(last.path("objectRef").toString())
                .isEqualTo(
                        "{\"resource\":\"configmaps\",\"namespace\":\"default\",\"name\":\"a1\",\"apiVersion\":\"v1\"}");
        assertThat(last.path("responseStatus").toString()).isEqualTo("{\"metadata\":{},\"code\":201}");
        assertThat(last.path("requestObject").path("data").path("k").asString(""))
                .isEqualTo("v");
        assertThat(last.path("responseObject").path("metadata").path("uid").asString(""))
                .isNotEmpty();
        assertThat(last.path("responseObject").path("metadata").has("managedFields"))
                .isFalse();
        assertThat(last.path("annotations").toString())
                .isEqualTo("{\"authorization.k8s.io/decision\":\"allow\",\"authorization.k8s.io/reason\":\"\"}");
        assertThat(events.getFirst().has("responseStatus")).isFalse();
    }

    @Test
    void aWatchIsRecordedWhenItBeginsAndWhenItEnds() throws IOException {
        var answer = api.get(MAPS + "?watch=1&timeoutSeconds=1", RunningApi.ADMIN);
        List<JsonNode> events = events(answer.headers().firstValue("Audit-ID").orElseThrow());
        assertThat(stages(events)).containsExactly("RequestReceived", "ResponseStarted", "ResponseComplete");
    }

    @Test
    void aRefusedCallerIsRecordedOnceAndWithoutAName() throws IOException {
        var answer = api.get("/api/v1/pods", "wrong");
        String id = answer.headers().firstValue("Audit-ID").orElseThrow();
        await().until(() -> !logged(id).isEmpty());
        assertThatCodeIs(id, 401);
    }

    private static void assertThatCodeIs(String id, int code) {
        try {
            List<JsonNode> events = logged(id);
            assertThat(stages(events)).containsExactly("ResponseStarted");
            assertThat(events.getFirst().path("user").toString()).isEqualTo("{}");
            assertThat(events.getFirst().path("responseStatus").path("code").asInt(0))
                    .isEqualTo(code);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aListOfOneNameIsRecordedUnderThatName() throws IOException {
        var answer = api.get(MAPS + "?fieldSelector=metadata.name%3Dabsent", RunningApi.ADMIN);
        assertThat(events(answer.headers().firstValue("Audit-ID").orElseThrow())
                        .getLast()
                        .path("objectRef")
                        .path("name")
                        .asString(""))
                .isEqualTo("absent");
    }

    @Test
    void aTimeoutThatIsNoneIsRecordedBeforeAnybodyIsKnown() throws IOException {
        var answer = api.get(MAPS + "?timeout=soon", RunningApi.ADMIN);
        String id = answer.headers().firstValue("Audit-ID").orElseThrow();
        await().until(() -> !logged(id).isEmpty());
        assertThatCodeIs(id, 400);
        assertThat(logged(id).getFirst().path("responseStatus").path("message").asString(""))
                .isEqualTo("invalid timeout specified in the request URL - time: invalid duration \"soon\"");
    }

    @Test
    void aForbiddenImpersonatorIsRecordedWithBothNames() throws IOException {
        var answer = api.send(api.request("/api/v1/pods", RunningApi.ADMIN).header("Impersonate-User", "jane"));
        JsonNode event =
                events(answer.headers().firstValue("Audit-ID").orElseThrow()).getLast();
        assertThat(event.path("user").path("username").asString("")).isEqualTo("admin");
        assertThat(event.path("impersonatedUser").path("username").asString("")).isEqualTo("jane");
        assertThat(event.path("authenticationMetadata").toString())
                .isEqualTo("{\"impersonationConstraint\":\"impersonate:user-info\"}");
        assertThat(event.path("responseStatus").path("reason").asString("")).isEqualTo("Forbidden");
        assertThat(event.path("annotations")
                        .path("authorization.k8s.io/decision")
                        .asString(""))
                .isEqualTo("forbid");
    }

    @Test
    void noSecretBodyIsRecordedAnywhere() throws IOException {
        String canary = "canary-" + System.nanoTime();
        String encoded = Base64.getEncoder().encodeToString(canary.getBytes());
        String secrets = "/api/v1/namespaces/default/secrets";
        api.post(secrets, RunningApi.ADMIN, "{\"metadata\":{\"name\":\"s\"},\"data\":{\"k\":\"" + encoded + "\"}}");
        api.send(
                "PATCH",
                secrets + "/s",
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"stringData\":{\"x\":\"" + canary + "\"}}");
        api.get(secrets, RunningApi.ADMIN);
        var last = api.get(secrets + "/s", RunningApi.ADMIN);
        assertThat(last.body()).contains(encoded);
        events(last.headers().firstValue("Audit-ID").orElseThrow());
        assertThat(Files.readString(directory.resolve("audit.log"))).doesNotContain(canary, encoded);
    }

    @Test
    void everyBackendHasEveryEventOnce() throws IOException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ids.add(api.get(MAPS + "/absent-" + i, RunningApi.ADMIN)
                    .headers()
                    .firstValue("Audit-ID")
                    .orElseThrow());
        }
        for (String id : ids) {
            assertThat(stages(events(id))).containsExactly("RequestReceived", "ResponseComplete");
        }
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(POSTED.stream()
                                .filter(event ->
                                        ids.contains(event.path("auditID").asString(""))))
                        .hasSize(100));
        assertThat(POSTED).as("the list says what they are").noneMatch(event -> event.has("kind"));
        Map<String, Integer> onKafka = new HashMap<>();
        Map<String, Object> config = new HashMap<>(kafka.clientProperties());
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition("audit", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            await().atMost(Duration.ofSeconds(90)).until(() -> {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    JsonNode event = JsonMapper.shared().readTree(record.value());
                    onKafka.merge(
                            event.path("auditID").asString("")
                                    + event.path("stage").asString(""),
                            1,
                            Integer::sum);
                }
                return ids.stream().allMatch(id -> onKafka.containsKey(id + "ResponseComplete"));
            });
        }
        for (String id : ids) {
            assertThat(onKafka).containsEntry(id + "RequestReceived", 1).containsEntry(id + "ResponseComplete", 1);
        }
    }
}
