package io.quarterdeck.api.customresources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.api.testing.RunningApi;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What clients see of a custom resource of two versions whose objects a webhook converts. */
public interface ConversionWebhookContract {

    String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    String MERGE = "application/merge-patch+json";
    String APPLY = "application/apply-patch+yaml";

    RunningApi api();

    ConversionWebhook webhook();

    /** The {@code clientConfig} under which the webhook is found. */
    String clientConfig();

    /** A kind of its own for each test, stored in v1. */
    record Foos(RunningApi api, String group) {

        String path(String version) {
            return "/apis/%s/%s/namespaces/default/foos".formatted(group, version);
        }

        HttpResponse<String> get(String version, String rest) {
            return api.get(path(version) + rest, RunningApi.ADMIN);
        }

        JsonNode spec(String version, String name) {
            return RunningApi.json(get(version, "/" + name)).path("spec");
        }

        HttpResponse<String> post(String version, String name, String spec) {
            return api.post(path(version), RunningApi.ADMIN, object(version, name, spec));
        }

        JsonNode create(String version, String name, String spec) {
            return api.create(path(version), object(version, name, spec));
        }

        HttpResponse<String> patch(String version, String rest, String type, String body) {
            return api.send("PATCH", path(version) + rest, RunningApi.ADMIN, type, body);
        }

        HttpResponse<String> apply(String version, String name, String manager, String spec) {
            return patch(version, "/" + name + "?fieldManager=" + manager, APPLY, object(version, name, spec));
        }

        Iterator<String> watch(String version, String query) {
            try {
                HttpResponse<Stream<String>> answer = api.client()
                        .send(
                                api.request(path(version) + "?watch=true" + query, RunningApi.ADMIN)
                                        .build(),
                                HttpResponse.BodyHandlers.ofLines());
                return answer.body().iterator();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        String object(String version, String name, String spec) {
            return "{\"apiVersion\":\"%s/%s\",\"kind\":\"Foo\",\"metadata\":{\"name\":\"%s\"},\"spec\":%s}"
                    .formatted(group, version, name, spec);
        }

        void store(String version) {
            api.send(
                    "PATCH",
                    DEFINITIONS + "/foos." + group,
                    RunningApi.ADMIN,
                    "application/json-patch+json",
                    """
                    [{"op":"replace","path":"/spec/versions/0/storage","value":%b},
                     {"op":"replace","path":"/spec/versions/1/storage","value":%b}]
                    """.formatted(version.equals("v1"), version.equals("v2")));
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> api.get(DEFINITIONS + "/foos." + group, RunningApi.ADMIN)
                            .body()
                            .contains("\"storedVersions\":[\"v1\",\"v2\"]"));
        }
    }

    private Foos foos(String name, String clientConfig) {
        String group = name + ".conversion.example.com";
        String version = """
                {"name":"%s","served":true,"storage":%b,"subresources":{"status":{}},"selectableFields":[{"jsonPath":".spec.%s"}],
                 "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{%s}},
                 "status":{"type":"object","properties":{"note":{"type":"string"}}}}}}}""";
        api().create(DEFINITIONS, """
                        {"metadata":{"name":"foos.%s"},"spec":{"group":"%s","scope":"Namespaced",
                         "names":{"plural":"foos","singular":"foo","kind":"Foo","listKind":"FooList"},
                         "conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":%s}},
                         "versions":[%s,%s]}}
                        """.formatted(
                group,
                group,
                clientConfig,
                version.formatted("v1", true, "host", "\"host\":{\"type\":\"string\"},\"port\":{\"type\":\"string\"}"),
                version.formatted("v2", false, "hostPort", "\"hostPort\":{\"type\":\"string\"}")));
        Foos foos = new Foos(api(), group);
        await().atMost(Duration.ofSeconds(90)).until(() -> foos.get("v2", "").statusCode() == 200);
        return foos;
    }

    private Foos foos(String name) {
        return foos(name, clientConfig());
    }

    private static JsonNode tree(String json) {
        return JsonMapper.shared().readTree(json);
    }

    @Test
    default void objectsAreReadAndWrittenInEitherVersion() {
        Foos foos = foos("either");
        foos.create("v1", "a", "{\"host\":\"h\",\"port\":\"1\"}");
        assertThat(foos.spec("v2", "a")).isEqualTo(tree("{\"hostPort\":\"h:1\"}"));
        assertThat(foos.create("v2", "b", "{\"hostPort\":\"i:2\"}").path("spec"))
                .isEqualTo(tree("{\"hostPort\":\"i:2\"}"));
        assertThat(foos.spec("v1", "b")).isEqualTo(tree("{\"host\":\"i\",\"port\":\"2\"}"));
        foos.patch("v2", "/a", MERGE, "{\"spec\":{\"hostPort\":\"j:3\"}}");
        foos.patch("v2", "/a/status", MERGE, "{\"status\":{\"note\":\"n\"}}");
        assertThat(foos.spec("v1", "a")).isEqualTo(tree("{\"host\":\"j\",\"port\":\"3\"}"));
        assertThat(foos.get("v1", "/a").body()).contains("\"note\":\"n\"");
        assertThat(foos.get("v2", "?fieldSelector=spec.hostPort%3Di:2").body())
                .contains("\"name\":\"b\"")
                .doesNotContain("\"name\":\"a\"");
    }

    @Test
    default void aListOfObjectsStoredInBothVersionsTakesOneCallForThoseOfTheOther() {
        Foos foos = foos("mixed");
        foos.create("v1", "a", "{\"host\":\"h\",\"port\":\"1\"}");
        foos.create("v1", "b", "{\"host\":\"h\",\"port\":\"2\"}");
        foos.store("v2");
        foos.create("v2", "c", "{\"hostPort\":\"h:3\"}");
        JsonNode list = RunningApi.json(foos.get("v2", ""));
        assertThat(list.path("items")
                        .valueStream()
                        .map(item -> item.path("spec").path("hostPort").asString("")))
                .containsExactly("h:1", "h:2", "h:3");
        assertThat(webhook().calls(foos.group(), "v2")).contains(List.of("a", "b"));
        // A write that says nothing new moves the object to the stored version.
        foos.patch("v2", "/a", MERGE, "{}");
        int calls = webhook().calls(foos.group(), "v2").size();
        foos.get("v2", "/a");
        assertThat(webhook().calls(foos.group(), "v2")).hasSize(calls);
    }

    @Test
    default void watchersOfTheOtherVersionShareOneConversion() {
        Foos foos = foos("watched");
        String from = RunningApi.json(foos.get("v2", ""))
                .path("metadata")
                .path("resourceVersion")
                .asString();
        Iterator<String> one = foos.watch("v2", "&resourceVersion=" + from);
        Iterator<String> other = foos.watch("v2", "&resourceVersion=" + from);
        foos.create("v1", "a", "{\"host\":\"h\",\"port\":\"1\"}");
        assertThat(one.next()).contains("\"type\":\"ADDED\"", "\"hostPort\":\"h:1\"");
        assertThat(other.next()).contains("\"type\":\"ADDED\"", "\"hostPort\":\"h:1\"");
        assertThat(webhook().calls(foos.group(), "v2")).containsExactly(List.of("a"));
    }

    @Test
    default void aWatchSelectsWhatItShows() {
        Foos foos = foos("chosen");
        Iterator<String> watch = foos.watch("v2", "&fieldSelector=spec.hostPort%3Dh:1");
        foos.create("v1", "other", "{\"host\":\"x\",\"port\":\"1\"}");
        foos.create("v1", "a", "{\"host\":\"h\",\"port\":\"1\"}");
        foos.patch("v1", "/a", MERGE, "{\"spec\":{\"port\":\"2\"}}");
        assertThat(watch.next()).contains("\"type\":\"ADDED\"", "\"name\":\"a\"");
        assertThat(watch.next()).contains("\"type\":\"DELETED\"", "\"hostPort\":\"h:1\"");
    }

    @Test
    default void fieldsAreOwnedInTheVersionInWhichTheyWereSet() {
        Foos foos = foos("owned");
        foos.apply("v1", "a", "one", "{\"host\":\"h\",\"port\":\"1\"}");
        HttpResponse<String> refused = foos.apply("v2", "a", "other", "{\"hostPort\":\"i:2\"}");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(RunningApi.json(refused).path("message").asString())
                .isEqualTo("Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.host\n- .spec.port");
        assertThat(foos.apply("v2", "a", "one", "{\"hostPort\":\"i:2\"}").statusCode())
                .isEqualTo(200);
        assertThat(foos.spec("v1", "a")).isEqualTo(tree("{\"host\":\"i\",\"port\":\"2\"}"));
    }

    @Test
    default void aWebhookThatIsDownStopsNobodyElse() {
        Foos foos = foos("down", "{\"url\":\"https://127.0.0.1:1/none\"}");
        foos.create("v1", "a", "{\"host\":\"h\",\"port\":\"1\"}");
        String told = "conversion webhook for down.conversion.example.com/v1, Kind=Foo failed: Post"
                + " \"https://127.0.0.1:1/none?timeout=30s\": dial tcp 127.0.0.1:1: connect: connection refused";
        for (HttpResponse<String> answer : List.of(
                foos.get("v2", ""),
                foos.get("v2", "/a"),
                foos.get("v2", "/a/status"),
                foos.patch("v2", "/a", MERGE, "{\"spec\":{}}"),
                api().send("DELETE", foos.path("v2") + "/a", RunningApi.ADMIN, "application/json", "{}"))) {
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(RunningApi.json(answer).path("message").asString()).isEqualTo(told);
        }
        assertThat(RunningApi.json(foos.post("v2", "b", "{\"hostPort\":\"i:2\"}"))
                        .path("message")
                        .asString())
                .isEqualTo(told.replace("/v1, Kind", "/v2, Kind"));
        Iterator<String> broken = foos.watch("v2", "");
        assertThat(broken.next()).contains("\"type\":\"ERROR\"", "\"code\":500");
        assertThat(broken.hasNext()).isFalse();
        Iterator<String> watch = foos.watch("v1", "");
        assertThat(watch.next()).contains("\"name\":\"a\"");
        foos.create("v1", "c", "{}");
        assertThat(watch.next()).contains("\"name\":\"c\"");
        assertThat(foos.get("v1", "").statusCode()).isEqualTo(200);
        api().send("DELETE", DEFINITIONS + "/foos." + foos.group(), RunningApi.ADMIN, "application/json", "{}");
        await().atMost(Duration.ofSeconds(90))
                .until(() -> api().get(DEFINITIONS + "/foos." + foos.group(), RunningApi.ADMIN)
                                .statusCode()
                        == 404);
    }

    @Test
    default void aWebhookChangesLabelsAndNothingElseOfTheMetadata() {
        Foos foos = foos("lied");
        foos.create("v1", "a", "{\"host\":\"h\",\"port\":\"1\"}");
        webhook().lie(foos.group(), "{\"labels\":{\"l\":\"m\"},\"finalizers\":[\"f\"],\"generation\":42}");
        JsonNode metadata = RunningApi.json(foos.get("v2", "/a")).path("metadata");
        assertThat(metadata.path("labels")).isEqualTo(tree("{\"l\":\"m\"}"));
        assertThat(metadata.has("finalizers")).isFalse();
        assertThat(metadata.path("generation").asInt()).isEqualTo(1);
        assertThat(foos.get("v2", "?labelSelector=l%3Dm").body()).contains("\"name\":\"a\"");
        webhook().lie(foos.group(), "{\"uid\":\"another\"}");
        HttpResponse<String> refused = foos.post("v2", "b", "{\"hostPort\":\"i:2\"}");
        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(RunningApi.json(refused).path("message").asString())
                .startsWith("conversion webhook for lied.conversion.example.com/v2, Kind=Foo returned invalid object:"
                        + " must have the same UID: ");
        assertThat(foos.get("v1", "/b").statusCode()).isEqualTo(404);
    }
}
