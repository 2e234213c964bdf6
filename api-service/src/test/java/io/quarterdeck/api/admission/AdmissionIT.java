package io.quarterdeck.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.quarterdeck.api.callout.ClientTls;
import io.quarterdeck.api.customresources.ConversionWebhook;
import io.quarterdeck.api.customresources.ConversionWebhookContract;
import io.quarterdeck.api.testing.RunningApi;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.KeyedCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real API server with a real webhook server, for admission and for conversion; policies and quotas. */
class AdmissionIT implements ConversionWebhookContract {

    private static final String HOOKS = "/apis/admissionregistration.k8s.io/v1";

    @TempDir
    static Path directory;

    private static RunningApi api;
    private static HttpsServer server;
    private static String bundle;
    private static final Queue<JsonNode> ASKED = new ConcurrentLinkedQueue<>();
    private static final ConversionWebhook CONVERSION = new ConversionWebhook();

    @BeforeAll
    static void start() throws Exception {
        api = RunningApi.start(directory);
        CertificateAuthority authority = CertificateAuthority.create("hooks-ca", Instant.now());
        KeyedCertificate own = authority.issue(
                CertificateProfile.server("hooks", List.of("hook.hooks.svc", "localhost")), Instant.now());
        bundle = Base64.getEncoder().encodeToString(authority.certificatePem().getBytes(StandardCharsets.UTF_8));
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(ClientTls.of(null, own.certificatePem(), own.keyPem())));
        server.createContext("/", AdmissionIT::answer);
        server.createContext("/convert", CONVERSION);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        api.create("/api/v1/namespaces", "{\"metadata\":{\"name\":\"hooks\"}}");
        api.create(
                "/api/v1/namespaces/hooks/services",
                "{\"metadata\":{\"name\":\"hook\"},\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"localhost\"}}");
    }

    @AfterAll
    static void stop() {
        server.stop(0);
        api.close();
    }

    @Override
    public RunningApi api() {
        return api;
    }

    @Override
    public ConversionWebhook webhook() {
        return CONVERSION;
    }

    @Override
    public String clientConfig() {
        return "{\"caBundle\":\"%s\",\"service\":{\"namespace\":\"hooks\",\"name\":\"hook\",\"path\":\"/convert\",\"port\":%d}}"
                .formatted(bundle, server.getAddress().getPort());
    }

    /** The path says what to answer. */
    private static void answer(HttpExchange exchange) throws IOException {
        JsonNode review = JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
        ASKED.add(review);
        if (exchange.getRequestURI().getPath().equals("/silent")) {
            return;
        }
        String uid = review.path("request").path("uid").asString("");
        String name = review.path("request").path("name").asString("");
        String response = switch (exchange.getRequestURI().getPath()) {
            case "/allow" -> "\"allowed\":true,\"warnings\":[\"seen\"]";
            case "/deny" ->
                "\"allowed\":false,\"status\":{\"code\":418,\"reason\":\"Teapot\",\"message\":\"no " + name + "\"}";
            case "/code" ->
                "\"allowed\":false,\"status\":{\"code\":" + name.substring(1)
                        + ",\"details\":{\"retryAfterSeconds\":-7}}";
            case "/label" ->
                "\"allowed\":true,\"patchType\":\"JSONPatch\",\"patch\":\""
                        + Base64.getEncoder()
                                .encodeToString(
                                        "[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{\"hook\":\"was-here\"}}]"
                                                .getBytes(StandardCharsets.UTF_8))
                        + "\"";
            case "/take-over" ->
                "\"allowed\":true,\"patchType\":\"JSONPatch\",\"patch\":\""
                        + Base64.getEncoder()
                                .encodeToString(
                                        "[{\"op\":\"add\",\"path\":\"/metadata/uid\",\"value\":\"chosen\"},{\"op\":\"add\",\"path\":\"/metadata/creationTimestamp\",\"value\":\"2001-01-01T00:00:00Z\"}]"
                                                .getBytes(StandardCharsets.UTF_8))
                        + "\"";
            default -> "\"allowed\":true,\"patch\":\"W10=\",\"patchType\":\"JSONPatch\"";
        };
        byte[] body =
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":\"%s\",%s}}"
                        .formatted(uid, response)
                        .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/broken") ? 500 : 200, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static String namespace(String name) {
        api.create(
                "/api/v1/namespaces",
                "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"hooked\":\"%s\"}}}".formatted(name, name));
        return "/api/v1/namespaces/" + name + "/configmaps";
    }

    private static void hook(String kind, String namespace, String path, String more) {
        api.create(HOOKS + "/" + kind, """
                {"metadata":{"name":"%s-%s"},"webhooks":[{"name":"h.example.com","sideEffects":"None","admissionReviewVersions":["v1"],
                "clientConfig":{"caBundle":"%s","service":{"namespace":"hooks","name":"hook","path":"%s","port":%d}},
                "namespaceSelector":{"matchLabels":{"hooked":"%s"}},
                %s}]}
                """.formatted(
                        namespace,
                        path.substring(1),
                        bundle,
                        path,
                        server.getAddress().getPort(),
                        namespace,
                        more.contains("\"rules\"")
                                ? more.substring(1)
                                : "\"rules\":[{\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],\"resources\":[\"configmaps\"],\"operations\":[\"CREATE\",\"UPDATE\",\"DELETE\"]}]"
                                        + more));
    }

    private static HttpResponse<String> post(String path, String name) {
        return api.post(
                path, RunningApi.ADMIN, "{\"metadata\":{\"name\":\"%s\"},\"data\":{\"k\":\"v\"}}".formatted(name));
    }

    @Test
    void aMutatingWebhookChangesTheObject() {
        String maps = namespace("mutated");
        hook("mutatingwebhookconfigurations", "mutated", "/label", "");
        assertThat(post(maps, "a").body()).contains("\"labels\":{\"hook\":\"was-here\"}");
    }

    @Test
    void aValidatingWebhookRefusesWithItsOwnStatus() {
        String maps = namespace("refused");
        hook("validatingwebhookconfigurations", "refused", "/deny", "");
        HttpResponse<String> answer = post(maps, "a");
        assertThat(answer.statusCode()).isEqualTo(418);
        assertThat(answer.body())
                .contains("admission webhook \\\"h.example.com\\\" denied the request: no a", "\"reason\":\"Teapot\"");
    }

    @Test
    void aRefusalIsNoSuccessWhateverItsCode() {
        String maps = namespace("coded");
        hook("validatingwebhookconfigurations", "coded", "/code", "");
        hook("mutatingwebhookconfigurations", "coded", "/code", "");
        Map.of("c0", 400, "c200", 400, "c399", 400, "c422", 422, "c700", 700, "c999", 999, "c1000", 500)
                .forEach((name, code) -> {
                    HttpResponse<String> answer = post(maps, name);
                    assertThat(answer.statusCode()).as(name).isEqualTo(code);
                    assertThat(answer.body())
                            .contains("denied the request without explanation", "\"retryAfterSeconds\":-7");
                    assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
                });
        assertThat(post(maps, "c2147483648").body())
                .contains("json: cannot unmarshal number 2147483648 into Go struct field Status.response.status.code of"
                        + " type int32");
    }

    @Test
    void webhooksSeeOldObjectsAndWarn() {
        String maps = namespace("watched");
        hook("validatingwebhookconfigurations", "watched", "/allow", "");
        HttpResponse<String> answer = post(maps, "old-and-new");
        assertThat(answer.headers().firstValue("Warning")).hasValue("299 - \"seen\"");
        api.send(
                "PATCH",
                maps + "/old-and-new",
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"data\":{\"k\":\"w\"}}");
        api.send("DELETE", maps + "/old-and-new", RunningApi.ADMIN, "application/json", "{}");
        List<JsonNode> mine = ASKED.stream()
                .map(review -> review.path("request"))
                .filter(request -> request.path("name").asString("").equals("old-and-new"))
                .toList();
        assertThat(mine.stream()
                        .map(request -> "%s %s %s"
                                .formatted(
                                        request.path("operation").asString(""),
                                        request.path("oldObject")
                                                .path("data")
                                                .path("k")
                                                .asString("-"),
                                        request.path("object")
                                                .path("data")
                                                .path("k")
                                                .asString("-"))))
                .containsExactly("CREATE - v", "UPDATE v w", "DELETE w -");
        assertThat(mine.getFirst().path("userInfo").path("username").asString(""))
                .isEqualTo("admin");
    }

    @Test
    void failurePolicyDecidesAboutBrokenWebhooks() {
        String maps = namespace("broken");
        hook("validatingwebhookconfigurations", "broken", "/broken", ",\"failurePolicy\":\"Fail\"");
        HttpResponse<String> refused = post(maps, "a");
        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(refused.body())
                .contains(
                        "Internal error occurred: failed calling webhook \\\"h.example.com\\\": failed to call webhook: an error on the server");
        String open = namespace("open");
        hook("validatingwebhookconfigurations", "open", "/broken", ",\"failurePolicy\":\"Ignore\"");
        assertThat(post(open, "a").statusCode()).isEqualTo(201);
    }

    @Test
    @Timeout(20)
    void aRequestWaitsForAWebhookNoLongerThanItsClientWaits() {
        String maps = namespace("hasty");
        hook("validatingwebhookconfigurations", "hasty", "/silent", ",\"timeoutSeconds\":30");
        HttpResponse<String> late = post(maps + "?timeout=500ms", "a");
        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(late.body())
                .contains(
                        "\"message\":\"Timeout: request did not complete within the allotted timeout\"",
                        "\"reason\":\"Timeout\"");
        assertThat(api.get(maps + "/a", RunningApi.ADMIN).statusCode()).isEqualTo(404);
    }

    @Test
    void aValidatingWebhookMayNotPatch() {
        String maps = namespace("patching");
        hook("validatingwebhookconfigurations", "patching", "/patch", "");
        assertThat(post(maps, "a").body())
                .contains("received invalid webhook response: validating webhook may not return response.patch");
    }

    @Test
    void matchConditionsKeepRequestsAway() {
        String maps = namespace("conditional");
        hook(
                "validatingwebhookconfigurations",
                "conditional",
                "/deny",
                ",\"matchConditions\":[{\"name\":\"m\",\"expression\":\"object.metadata.name != 'free'\"}]");
        assertThat(post(maps, "free").statusCode()).isEqualTo(201);
        assertThat(post(maps, "judged").statusCode()).isEqualTo(418);
    }

    private static final String EVERYTHING =
            ",\"rules\":[{\"apiGroups\":[\"*\"],\"apiVersions\":[\"*\"],\"resources\":[\"*/*\"],\"operations\":[\"*\"]}]";

    /** What webhooks were told of the requests in a namespace: operation, resource, kind, name. */
    private static List<String> told(String namespace) {
        return ASKED.stream()
                .map(review -> review.path("request"))
                .filter(request -> request.path("namespace").asString("").equals(namespace))
                .map(request -> "%s %s%s %s %s"
                        .formatted(
                                request.path("operation").asString(""),
                                request.path("resource").path("resource").asString(""),
                                request.has("subResource")
                                        ? "/" + request.path("subResource").asString("")
                                        : "",
                                request.path("kind").path("kind").asString(""),
                                request.path("name").asString("-")))
                .toList();
    }

    @Test
    void connectionsAreJudgedBeforeTheyAreOpened() {
        namespace("connected");
        hook("validatingwebhookconfigurations", "connected", "/deny", EVERYTHING);
        for (String path : List.of(
                "pods/p/exec?command=ls&command=-l&stdout=true",
                "pods/p/attach?stdin=true",
                "pods/p/portforward?ports=80",
                "pods/p/proxy/a/b",
                "services/s/proxy/")) {
            assertThat(api.get("/api/v1/namespaces/connected/" + path, RunningApi.ADMIN)
                            .statusCode())
                    .as(path)
                    .isEqualTo(418);
        }
        // Reading a log is no connection.
        assertThat(api.get("/api/v1/namespaces/connected/pods/p/log", RunningApi.ADMIN)
                        .statusCode())
                .isEqualTo(404);
        assertThat(told("connected"))
                .containsExactly(
                        "CONNECT pods/exec PodExecOptions p",
                        "CONNECT pods/attach PodAttachOptions p",
                        "CONNECT pods/portforward PodPortForwardOptions p",
                        "CONNECT pods/proxy PodProxyOptions p",
                        "CONNECT services/proxy ServiceProxyOptions s");
        JsonNode exec = ASKED.stream()
                .map(review -> review.path("request"))
                .filter(request -> request.path("subResource").asString("").equals("exec"))
                .findFirst()
                .orElseThrow();
        assertThat(exec.path("object").path("command").valueStream().map(each -> each.asString("")))
                .containsExactly("ls", "-l");
        assertThat(exec.path("options").isNull()).isTrue();
    }

    @Test
    void subresourcesAreJudgedAsWhatTheirBodiesAre() {
        namespace("subresources");
        hook("validatingwebhookconfigurations", "subresources", "/allow", EVERYTHING);
        String core = "/api/v1/namespaces/subresources/";
        api.create(core + "serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");
        String containers = "{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}";
        api.create(core + "pods", "{\"metadata\":{\"name\":\"p\"},\"spec\":%s}".formatted(containers));
        api.create(
                core + "pods/p/binding",
                "{\"metadata\":{\"name\":\"p\"},\"target\":{\"kind\":\"Node\",\"name\":\"n\"}}");
        api.create(core + "pods/p/eviction", "{\"metadata\":{\"name\":\"p\"}}");
        api.create(core + "serviceaccounts/default/token", "{}");
        String deployments = "/apis/apps/v1/namespaces/subresources/deployments";
        api.create(
                deployments,
                "{\"metadata\":{\"name\":\"d\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":%s}}}"
                        .formatted(containers));
        api.send(
                "PATCH",
                deployments + "/d/scale",
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"spec\":{\"replicas\":3}}");
        assertThat(api.get(deployments + "/d", RunningApi.ADMIN).body()).contains("\"replicas\":3");
        assertThat(told("subresources"))
                .containsExactly(
                        "CREATE serviceaccounts ServiceAccount default",
                        "CREATE pods Pod p",
                        "CREATE pods/binding Binding p",
                        "CREATE pods/eviction Eviction p",
                        "CREATE serviceaccounts/token TokenRequest default",
                        "CREATE deployments Deployment d",
                        "UPDATE deployments/scale Scale d");
    }

    @Test
    void aWebhookSeesNoNameBeforeItIsMadeAndSetsNothingThatIsTheServers() {
        String maps = namespace("taken");
        hook("mutatingwebhookconfigurations", "taken", "/take-over", EVERYTHING);
        JsonNode made = RunningApi.json(api.post(
                maps, RunningApi.ADMIN, "{\"metadata\":{\"generateName\":\"made-\",\"labels\":{\"a\":\"b\"}}}"));
        assertThat(made.path("metadata").path("uid").asString("")).isNotEmpty().isNotEqualTo("chosen");
        assertThat(made.path("metadata").path("creationTimestamp").asString("")).doesNotStartWith("2001");
        assertThat(told("taken")).containsExactly("CREATE configmaps ConfigMap -");
        api.send("DELETE", maps + "?labelSelector=a%3Db", RunningApi.ADMIN, "application/json", "{}");
        assertThat(told("taken").getLast()).isEqualTo("DELETE configmaps ConfigMap -");
    }

    @Test
    void mutatingPoliciesApplyConfigurationsAndPatches() {
        String maps = namespace("policed");
        policy(
                "apply",
                "policed",
                "{\"patchType\":\"ApplyConfiguration\",\"applyConfiguration\":{\"expression\":\"Object{metadata: Object.metadata{labels: {'from': object.metadata.name + variables.suffix}}}\"}}");
        policy(
                "patch",
                "policed",
                "{\"patchType\":\"JSONPatch\",\"jsonPatch\":{\"expression\":\"[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('ex.com/b'), value: 'c'}]\"}}");
        assertThat(post(maps, "x").body()).contains("\"from\":\"x-y\"", "\"ex.com/b\":\"c\"");
    }

    private static void policy(String name, String namespace, String mutation) {
        api.create(HOOKS + "/mutatingadmissionpolicies", """
                {"metadata":{"name":"%s"},"spec":{"reinvocationPolicy":"Never","failurePolicy":"Fail","variables":[{"name":"suffix","expression":"'-y'"}],
                "matchConstraints":{"namespaceSelector":{"matchLabels":{"hooked":"%s"}},
                "resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"],"operations":["CREATE"]}]},
                "mutations":[%s]}}
                """.formatted(name, namespace, mutation));
        api.create(
                HOOKS + "/mutatingadmissionpolicybindings",
                "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"policyName\":\"%s\"}}".formatted(name, name));
    }

    /** kube-apiserver's, in its order, without those that are deprecated or of features that are off. */
    private static final List<String> BY_DEFAULT = List.of(
            "NamespaceLifecycle",
            "LimitRanger",
            "ServiceAccount",
            "NodeRestriction",
            "TaintNodesByCondition",
            "PodSecurity",
            "Priority",
            "DefaultTolerationSeconds",
            "DefaultStorageClass",
            "StorageObjectInUseProtection",
            "PersistentVolumeClaimResize",
            "RuntimeClass",
            "CertificateApproval",
            "CertificateSigning",
            "ClusterTrustBundleAttest",
            "CertificateSubjectRestriction",
            "DefaultIngressClass",
            "PodTopologyLabels",
            "NodeDeclaredFeatureValidator",
            "PodResizeValidator",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionWebhook",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionWebhook",
            "ResourceQuota");

    private static final List<String> ON_DEMAND =
            List.of("AlwaysPullImages", "EventRateLimit", "ExtendedResourceToleration", "DenyServiceExternalIPs");

    private static List<String> running(Set<String> enabled, Set<String> disabled) {
        List<String> names = new ArrayList<>(
                new AdmissionChain(api.beans(AdmissionPlugin.class), new AdmissionProperties(enabled, disabled))
                        .names());
        assertThat(names.remove("RBACEscalation"))
                .as("it runs whatever is switched off")
                .isTrue();
        return names;
    }

    /** Rights cannot be given away by switching something off: that rule is no plugin to upstream. */
    @Test
    void everyPluginCanBeSwitched() {
        assertThat(running(Set.of(), Set.of())).isEqualTo(BY_DEFAULT);
        assertThat(running(Set.copyOf(ON_DEMAND), Set.of()))
                .containsAll(ON_DEMAND)
                .hasSize(29);
        assertThat(running(Set.copyOf(ON_DEMAND), Set.of()))
                .containsSubsequence("TaintNodesByCondition", "AlwaysPullImages", "PodSecurity")
                .containsSubsequence(
                        "DefaultTolerationSeconds",
                        "EventRateLimit",
                        "ExtendedResourceToleration",
                        "DefaultStorageClass")
                .containsSubsequence("DefaultIngressClass", "DenyServiceExternalIPs", "PodTopologyLabels");
        for (String name : BY_DEFAULT) {
            assertThat(running(Set.of(), Set.of(name)))
                    .isEqualTo(BY_DEFAULT.stream()
                            .filter(other -> !other.equals(name))
                            .toList());
        }
        for (String name : ON_DEMAND) {
            assertThat(running(Set.of(name), Set.of())).contains(name).hasSize(1 + BY_DEFAULT.size());
            assertThat(running(Set.of(name), Set.of(name))).as("off wins").doesNotContain(name);
        }
        for (String name : List.of("Odd", "RBACEscalation")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> running(Set.of(), Set.of(name)))
                    .withMessage("there is no admission plugin " + name);
        }
    }

    @Test
    void aQuotaOfTenTakesTenOfFifty() throws Exception {
        namespace("counted");
        api.create(
                "/api/v1/namespaces/counted/resourcequotas",
                "{\"metadata\":{\"name\":\"ten\"},\"spec\":{\"hard\":{\"count/secrets\":\"10\"}}}");
        api.send(
                "PATCH",
                "/api/v1/namespaces/counted/resourcequotas/ten/status",
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"status\":{\"hard\":{\"count/secrets\":\"10\"},\"used\":{\"count/secrets\":\"0\"}}}");
        Map<Integer, Long> codes;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                String secret = "{\"metadata\":{\"name\":\"s%d\"}}".formatted(i);
                answers.add(
                        threads.submit(() -> api.post("/api/v1/namespaces/counted/secrets", RunningApi.ADMIN, secret)
                                .statusCode()));
            }
            List<Integer> seen = new ArrayList<>();
            for (Future<Integer> answer : answers) {
                seen.add(answer.get());
            }
            codes = seen.stream().collect(Collectors.groupingBy(code -> code, Collectors.counting()));
        }
        assertThat(codes).isEqualTo(Map.of(201, 10L, 403, 40L));
        assertThat(api.get("/api/v1/namespaces/counted/resourcequotas/ten", RunningApi.ADMIN)
                        .body())
                .contains("\"used\":{\"count/secrets\":\"10\"}");
    }
}
