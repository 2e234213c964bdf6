package io.quarterdeck.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.quarterdeck.api.testing.RunningApi;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        HttpResponse<byte[]> list = get(MAPS + "?fieldSelector=metadata.name%3Dlarge", "br, gzip");

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

    @Test
    void metricsArePackedHoweverFew() throws IOException {
        HttpResponse<byte[]> packed = get("/metrics", "gzip");

        assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(new String(unpacked(packed), StandardCharsets.UTF_8))
                .contains("# TYPE apiserver_audit_event_total counter");
        assertThat(get("/metrics", "").headers().firstValue("Content-Encoding")).isEmpty();
    }

    /** Beside a kube-apiserver 1.36.2: what it said to the same requests. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a token of no version     | GET    | configmaps?continue=e30                                                          | 400 | server does not recognize this encoded version
            a token without a version | GET    | configmaps?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ                               | 400 | incorrect encoded start resourceVersion (version meta.k8s.io/v1)
            a token without a place   | GET    | configmaps?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIifQ       | 400 | encoded start key empty (version meta.k8s.io/v1)
            a token that leads away   | GET    | configmaps?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIuLi94In0  | 400 | continue key is not valid: ../x
            a token that is a list    | GET    | configmaps?continue=W10                                                          | 400 | json: cannot unmarshal array into Go value of type storage.continueToken
            what cannot be read       | GET    | configmaps?fieldSelector=a;b                                                      | 200 | ConfigMapList
            another object            | DELETE | configmaps/what-goes?uid=x                                                       | 409 | the UID in the precondition (x) does not match the UID in record
            another version           | DELETE | configmaps?resourceVersion=1                                                     | 409 | the ResourceVersion in the precondition (1) does not match the ResourceVersion in record
            no policy                 | DELETE | configmaps/what-goes?propagationPolicy=                                          | 422 | propagationPolicy: Unsupported value
            a Table of a deletion     | DELETE | configmaps/what-goes                                                             | 200 | \"status\":\"Success\"
            """)
    void selectionsAndDeletionsAreJudgedAsUpstreamJudgesThem(
            String name, String method, String path, int code, String text) {
        if (get(MAPS + "/what-goes", "").statusCode() == 404) {
            create("what-goes", "x");
        }
        HttpResponse<byte[]> answer = send(api.request("/api/v1/namespaces/default/" + path, RunningApi.ADMIN)
                .setHeader(
                        "Accept",
                        method.equals("DELETE") && code == 200
                                ? "application/json;as=Table;v=v1;g=meta.k8s.io"
                                : "application/json")
                .method(method, HttpRequest.BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(code);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains(text);
    }

    /** A form that nobody serves is told before all else. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a log as a page      | GET  | pods/nope/log?tailLines=x            | text/html                                   | Available representations: text/plain, application/json
            a log as text alone  | GET  | pods/nope/log                        | text/plain                                  | only the following media types are accepted
            a Table of a token   | POST | serviceaccounts/nope/token?dryRun=no | application/json;as=Table;v=v1;g=meta.k8s.io | only the following media types are accepted
            a Table of a binding | POST | bindings?fieldValidation=no          | application/json;as=Table;v=v1;g=meta.k8s.io | only the following media types are accepted
            """)
    void formsAreJudgedFirst(String name, String method, String path, String accept, String text) {
        HttpResponse<byte[]> refused = send(api.request("/api/v1/namespaces/default/" + path, RunningApi.ADMIN)
                .setHeader("Accept", accept)
                .method(method, HttpRequest.BodyPublishers.ofString("{")));

        assertThat(refused.statusCode()).isEqualTo(406);
        assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains(text);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a Table in protobuf | application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io | application/json, application/yaml, application/vnd.kubernetes.protobuf
            another stream      | application/json;stream=foo                                     | application/json, application/yaml, application/vnd.kubernetes.protobuf
            YAML has no stream  | application/json;q=0.1,application/yaml                          | application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch
            """)
    void aWatchSaysWhatItsFramesCanBe(String name, String accept, String forms) {
        HttpResponse<byte[]> refused =
                send(api.request(MAPS + "?watch=true", RunningApi.ADMIN).setHeader("Accept", accept));

        assertThat(refused.statusCode()).isEqualTo(406);
        assertThat(new String(refused.body(), StandardCharsets.UTF_8).replaceAll("\\s+", " "))
                .contains("only the following media types are accepted: " + forms);
    }

    @Test
    void whoWantsNoInitialEventsGetsNone() {
        String watch = "?watch=true&timeoutSeconds=1&resourceVersionMatch=NotOlderThan&sendInitialEvents=";

        assertThat(get("/api/v1/namespaces" + watch + "true", "").body()).isNotEmpty();
        assertThat(get("/api/v1/namespaces" + watch + "false", "").body()).isEmpty();
    }

    /** Who watches rows learns, too, when they have all come. */
    @Test
    void theEndOfInitialEventsIsARow() {
        String watch = MAPS + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                + "&allowWatchBookmarks=true&timeoutSeconds=1&labelSelector=none%3Dsuch";
        JsonNode frame = json(send(api.request(watch, RunningApi.ADMIN)
                .setHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")));

        assertThat(frame.path("type").asString()).isEqualTo("BOOKMARK");
        assertThat(frame.at("/object/rows/0/object/metadata/annotations/k8s.io~1initial-events-end")
                        .asString())
                .isEqualTo("true");
    }

    /** Informers wait for it before they call an empty list known. */
    @Test
    void thatThereIsNothingIsToldAtOnce() {
        String watch = MAPS + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                + "&allowWatchBookmarks=true&timeoutSeconds=300&labelSelector=none%3Dsuch";
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            try (InputStream frames = api.client()
                            .send(
                                    api.request(watch, RunningApi.ADMIN).build(),
                                    HttpResponse.BodyHandlers.ofInputStream())
                            .body();
                    BufferedReader lines = new BufferedReader(new InputStreamReader(frames, StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).contains("BOOKMARK", "k8s.io/initial-events-end");
            }
        });
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
