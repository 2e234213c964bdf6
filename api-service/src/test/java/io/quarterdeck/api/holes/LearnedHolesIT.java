package io.quarterdeck.api.holes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.api.testing.RunningApi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * One test for each hole that is known from others. A refused upgrade that leaves a pipe (CVE-2018-1002105) and redirects of
 * backends (CVE-2020-8559, CVE-2022-3172) are in {@code AggregationIT}.
 */
class LearnedHolesIT {

    private static final String DEFAULT = "/api/v1/namespaces/default";

    @TempDir
    static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = RunningApi.start(directory);
        for (String kind : new String[] {"Widget Namespaced", "Gadget Cluster"}) {
            String name = kind.split(" ")[0];
            String plural = name.toLowerCase() + "s";
            api.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                    {"metadata":{"name":"%s.example.org"},"spec":{"group":"example.org","scope":"%s",
                    "names":{"plural":"%s","singular":"%s","kind":"%s","listKind":"%sList"},
                    "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
                    "x-kubernetes-preserve-unknown-fields":true}}}]}}
                    """.formatted(
                            plural, kind.split(" ")[1], plural, name.toLowerCase(), name, name));
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> api.get("/apis/example.org/v1/" + plural, RunningApi.ADMIN)
                                    .statusCode()
                            == 200);
        }
        api.create(
                "/apis/example.org/v1/gadgets",
                "{\"apiVersion\":\"example.org/v1\",\"kind\":\"Gadget\",\"metadata\":{\"name\":\"g\"}}");
        api.create(
                "/apis/example.org/v1/namespaces/default/widgets",
                "{\"apiVersion\":\"example.org/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"w\"}}");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static int code(String path) {
        return api.get(path, RunningApi.ADMIN).statusCode();
    }

    /** CVE-2019-11247. */
    @Test
    void aClusterScopedCustomResourceIsInNoNamespace() {
        assertThat(code("/apis/example.org/v1/gadgets/g")).isEqualTo(200);
        assertThat(code("/apis/example.org/v1/namespaces/default/gadgets/g")).isEqualTo(404);
        assertThat(code("/apis/example.org/v1/namespaces/default/gadgets")).isEqualTo(404);
        assertThat(code("/apis/example.org/v1/widgets/w")).isEqualTo(404);
    }

    /** CVE-2022-3162. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "/apis/example.org/v1/namespaces/default/widgets/..%2F..%2F..%2Fgadgets%2Fg",
                "/apis/example.org/v1/namespaces/default/widgets/%2e%2e/%2e%2e/%2e%2e/gadgets/g",
                "/apis/example.org/v1/namespaces/..%2F..%2Fgadgets/widgets/g",
                "/apis/example.org/v1/namespaces/default/widgets/..;/gadgets/g",
            })
    void noPathLeadsToAnotherResource(String path) {
        var answer = api.get(path, RunningApi.ADMIN);
        assertThat(answer.statusCode()).isBetween(400, 404);
        assertThat(answer.body()).doesNotContain("\"kind\":\"Gadget\"");
    }

    /** CVE-2019-11253. */
    @Test
    void aYamlBombIsRefused() {
        String bomb = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\ndata:\n a: &a [x,x,x,x,x,x,x,x,x]\n"
                + IntStream.range(1, 10)
                        .mapToObj(i -> " %c: &%c [%s]\n"
                                .formatted(
                                        'a' + i,
                                        'a' + i,
                                        Stream.generate(() -> "*" + (char) ('a' + i - 1))
                                                .limit(9)
                                                .collect(Collectors.joining(","))))
                        .collect(Collectors.joining());
        var answer = api.send("POST", DEFAULT + "/configmaps", RunningApi.ADMIN, "application/yaml", bomb);
        assertThat(answer.statusCode()).isBetween(400, 422);
    }

    /** CVE-2019-11253, in JSON. */
    @Test
    void deepNestingIsRefused() {
        String deep = "{\"metadata\":{\"name\":\"deep\"},\"data\":" + "[".repeat(200_000) + "]".repeat(200_000) + "}";
        assertThat(api.post(DEFAULT + "/configmaps", RunningApi.ADMIN, deep).statusCode())
                .isBetween(400, 422);
        assertThat(code("/livez")).isEqualTo(200);
    }

    /** CVE-2019-1002100. */
    @Test
    void aGiantJsonPatchIsRefused() {
        api.create(DEFAULT + "/configmaps", "{\"metadata\":{\"name\":\"patched\"}}");
        String patch = IntStream.range(0, 10_001)
                .mapToObj(i -> "{\"op\":\"test\",\"path\":\"/kind\",\"value\":\"ConfigMap\"}")
                .collect(Collectors.joining(",", "[", "]"));
        var answer = api.send(
                "PATCH", DEFAULT + "/configmaps/patched", RunningApi.ADMIN, "application/json-patch+json", patch);
        assertThat(answer.statusCode()).isEqualTo(413);
    }

    /** CVE-2020-8552: what callers invent must not become labels. */
    @Test
    void inventedPathsMakeNoMetrics() {
        api.get("/metrics", RunningApi.ADMIN);
        long before = api.get("/metrics", RunningApi.ADMIN).body().lines().count();
        for (int i = 0; i < 50; i++) {
            api.get("/api/v1/invented" + i, RunningApi.ADMIN);
            api.get("/apis/invented" + i + "/v1/things", RunningApi.ADMIN);
            api.get("/invented" + i, RunningApi.ADMIN);
            api.get(DEFAULT + "/pods/p/invented" + i, RunningApi.ADMIN);
        }
        String metrics = api.get("/metrics", RunningApi.ADMIN).body();
        assertThat(metrics).doesNotContain("invented");
        assertThat(metrics.lines().count()).isLessThan(before + 400);
    }

    /** CVE-2020-8555 and the like: addresses of this machine and its link are no endpoints. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"127.0.0.1", "169.254.169.254", "224.0.0.1", "0.0.0.0"})
    void endpointsDoNotLeadHere(String address) {
        var answer = api.post(
                DEFAULT + "/endpoints",
                RunningApi.ADMIN,
                "{\"metadata\":{\"name\":\"inward\"},\"subsets\":[{\"addresses\":[{\"ip\":\"%s\"}],\"ports\":[{\"port\":80}]}]}"
                        .formatted(address));
        assertThat(answer.statusCode()).isEqualTo(422);
    }

    /** CVE-2022-3294, CVE-2020-8562: a node's address is its owner's word, and so is what its name resolves to. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"127.0.0.1", "localhost", "169.254.169.254", "[::1]"})
    void aNodesAddressDoesNotLeadHere(String address) {
        String name = "liar-" + Math.abs(address.hashCode());
        api.create("/api/v1/nodes", "{\"metadata\":{\"name\":\"" + name + "\"}}");
        api.send(
                "PATCH",
                "/api/v1/nodes/" + name + "/status",
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"" + address + "\"}]}}");
        var answer = api.get(
                "/api/v1/nodes/" + name + ":" + api.root().getPort() + "/proxy/api/v1/secrets", RunningApi.ADMIN);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("address not allowed");
        // On the kubelet's own port the certificate must be one of the cluster's.
        assertThat(code("/api/v1/nodes/" + name + "/proxy/")).isGreaterThanOrEqualTo(400);
    }

    /** The same for a pod's. */
    @Test
    void aPodsAddressDoesNotLeadHere() {
        api.create(DEFAULT + "/serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");
        api.create(
                DEFAULT + "/pods",
                "{\"metadata\":{\"name\":\"liar\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}");
        api.send(
                "PATCH",
                DEFAULT + "/pods/liar/status",
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"status\":{\"podIP\":\"127.0.0.1\",\"podIPs\":[{\"ip\":\"127.0.0.1\"}]}}");
        var answer = api.get(DEFAULT + "/pods/https:liar:" + api.root().getPort() + "/proxy/", RunningApi.ADMIN);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("address not allowed");
    }

    /** SSRF through a name that a user gives. */
    @Test
    void anExternalNameIsNoProxyTarget() {
        api.create(
                DEFAULT + "/services",
                "{\"metadata\":{\"name\":\"ext\"},\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"localhost\","
                        + "\"ports\":[{\"port\":" + api.root().getPort() + "}]}}");
        assertThat(code(DEFAULT + "/services/https:ext:" + api.root().getPort() + "/proxy/"))
                .isEqualTo(404);
    }

    /** CVE-2021-25740: who edits a namespace cannot point its endpoints at another's pods. */
    @Test
    void editorsWriteNoEndpoints() {
        for (String role : new String[] {"system:aggregate-to-edit", "system:aggregate-to-admin"}) {
            JsonNode rules = RunningApi.json(
                            api.get("/apis/rbac.authorization.k8s.io/v1/clusterroles/" + role, RunningApi.ADMIN))
                    .path("rules");
            assertThat(rules).isNotEmpty();
            for (JsonNode rule : rules) {
                if (rule.path("resources").toString().contains("\"endpoints\"")
                        || rule.path("resources").toString().contains("\"endpointslices\"")) {
                    assertThat(rule.path("verbs").toString()).doesNotContain("create", "update", "patch", "*");
                }
            }
        }
    }

    /** CVE-2023-2727, CVE-2023-2728: a subresource does not pass by what judges the pod. */
    @Test
    void ephemeralContainersAreJudged() {
        api.create("/api/v1/namespaces", """
                {"metadata":{"name":"strict","labels":{"pod-security.kubernetes.io/enforce":"baseline"}}}""");
        String pods = "/api/v1/namespaces/strict/pods";
        api.create("/api/v1/namespaces/strict/serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");
        api.create(
                pods, "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}");
        var answer = api.send(
                "PATCH",
                pods + "/p/ephemeralcontainers",
                RunningApi.ADMIN,
                "application/strategic-merge-patch+json",
                "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"e\",\"image\":\"i\","
                        + "\"securityContext\":{\"privileged\":true}}]}}");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("violates PodSecurity");
    }
}
