package io.quarterdeck.api.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.quarterdeck.api.testing.RunningApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real server that asks a real webhook; the answers are those of kube-apiserver 1.36.2 beside the same webhook. */
class WebhookAuthorizerIT {

    private static final String REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

    @TempDir
    static Path directory;

    private static final List<JsonNode> ASKED = new CopyOnWriteArrayList<>();
    private static RunningApi api;
    private static HttpServer webhook;

    @BeforeAll
    static void start() throws IOException {
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext("/authorize", exchange -> {
            JsonNode review = JsonMapper.shared().readTree(exchange.getRequestBody());
            String user = review.at("/spec/user").asString("");
            if (!user.startsWith("system:")) {
                ASKED.add(review);
            }
            byte[] body = (switch (user) {
                        case "jane" -> "{\"status\":{\"allowed\":true}}";
                        case "joe" -> "{\"status\":{\"denied\":true,\"reason\":\"no way\"}}";
                        case "noisy" -> "{\"status\":{\"allowed\":\"yes\"}}";
                        case "torn" -> "{\"status\":{\"allowed\":true,\"denied\":true,\"reason\":\"mixed\"}}";
                        default -> "{\"status\":{\"allowed\":false,\"reason\":\"not known here\"}}";
                    })
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(user.equals("away") ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        webhook.start();
        Path file = Files.writeString(directory.resolve("webhook.yaml"), """
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d/authorize"}}]
                users: [{name: u, user: {}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """.formatted(
                        webhook.getAddress().getPort()));
        api = RunningApi.start(directory, "--quarterdeck.api.authorization.webhook-config-file=" + file);
    }

    @AfterAll
    static void stop() {
        api.close();
        webhook.stop(0);
    }

    @BeforeEach
    void nothingIsAsked() {
        ASKED.clear();
    }

    @Test
    void itsConsentCountsForATime() {
        String path = "/api/v1/namespaces/default/configmaps?labelSelector=a%3Db";
        assertThat(api.get(path, "jane-token").statusCode()).isEqualTo(200);
        assertThat(api.get(path, "jane-token").statusCode()).isEqualTo(200);
        assertThat(ASKED)
                .containsExactly(JsonMapper.shared()
                        .readTree("{\"kind\":\"SubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1beta1\","
                                + "\"metadata\":{},\"spec\":{\"resourceAttributes\":{\"namespace\":\"default\","
                                + "\"verb\":\"list\",\"version\":\"v1\",\"resource\":\"configmaps\",\"labelSelector\":"
                                + "{\"requirements\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"b\"]}]}},"
                                + "\"user\":\"jane\",\"group\":[\"people\",\"system:authenticated\"],"
                                + "\"uid\":\"jane-uid\"},\"status\":{\"allowed\":false}}"));
    }

    @Test
    void whatOthersAllowIsNotAsked() {
        assertThat(api.get("/api", "joe-token").statusCode()).isEqualTo(200);
        assertThat(ASKED).isEmpty();
    }

    @Test
    void longQuestionsAreNotKept() {
        for (int i = 0; i < 2; i++) {
            api.post(REVIEWS, RunningApi.ADMIN, review("joe", "x".repeat(10_000)));
        }
        assertThat(ASKED).hasSize(2);
    }

    @Test
    void aRefusalTellsItsReason() {
        HttpResponse<String> denied = api.get("/api/v1/namespaces/default/configmaps/a", "joe-token");
        assertThat(denied.statusCode()).isEqualTo(403);
        assertThat(RunningApi.json(denied).path("message").asString(""))
                .isEqualTo("configmaps \"a\" is forbidden: User \"joe\" cannot get resource \"configmaps\" in API group"
                        + " \"\" in the namespace \"default\": no way");
        assertThat(RunningApi.json(api.get("/nowhere", "quiet-token"))
                        .path("message")
                        .asString(""))
                .isEqualTo("forbidden: User \"quiet\" cannot get path \"/nowhere\": not known here");
    }

    @Test
    void whatCannotBeFoundOutIsNoRefusal() {
        HttpResponse<String> undecided = api.get("/api/v1/namespaces/default/configmaps/a?x=%3Cb%3E", "noisy-token");
        assertThat(undecided.statusCode()).isEqualTo(500);
        assertThat(undecided.body())
                .isEqualTo("Internal Server Error: \"/api/v1/namespaces/default/configmaps/a?x=%3Cb%3E\": json: cannot"
                        + " unmarshal string into Go struct field SubjectAccessReviewStatus.status.allowed of type"
                        + " bool\n");
    }

    @Test
    void aReviewTellsWhatWentWrong() {
        assertThat(status("away").toString())
                .isEqualTo("{\"allowed\":false,\"evaluationError\":\"the server is currently unable to handle the"
                        + " request\"}");
        assertThat(status("torn").toString())
                .isEqualTo(
                        "{\"allowed\":false,\"denied\":true,\"reason\":\"mixed\",\"evaluationError\":\"webhook subject"
                                + " access review returned both allow and deny response\"}");
    }

    private static JsonNode status(String user) {
        return RunningApi.json(api.post(REVIEWS, RunningApi.ADMIN, review(user, "a")))
                .path("status");
    }

    private static String review(String user, String name) {
        return "{\"spec\":{\"user\":\"%s\",\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\",\"name\":\"%s\"}}}"
                .formatted(user, name);
    }
}
