package io.quarterdeck.api.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.api.callout.ClientTls;
import io.quarterdeck.api.testing.RunningApi;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateProfile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A real API server with another one behind it. */
class AggregationIT {

    private static final String FLUNDERS = "/apis/wardle.example.com/v1alpha1/namespaces/default/flunders";
    private static final String SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices";

    @TempDir
    static Path directory;

    private static RunningApi api;
    private static SampleExtensionServer sample;
    private static CertificateAuthority authority;

    @BeforeAll
    static void start() throws Exception {
        api = RunningApi.start(directory);
        authority = CertificateAuthority.create("sample-ca", Instant.now());
        sample = sample(0);
        api.create("/api/v1/namespaces", "{\"metadata\":{\"name\":\"wardle\"}}");
        api.create(
                "/api/v1/namespaces/wardle/services",
                "{\"metadata\":{\"name\":\"api\"},\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"localhost\"}}");
        api.create(SERVICE, apiService("api", authority.certificatePem()));
        awaitAvailable("True", "Passed");
    }

    private static SampleExtensionServer sample(int port) throws Exception {
        return new SampleExtensionServer(
                authority.issue(CertificateProfile.server("sample", List.of("api.wardle.svc")), Instant.now()),
                api.pki().resolve("front-proxy-ca.crt"),
                port);
    }

    private static String apiService(String service, String bundle) {
        return """
                {"metadata":{"name":"v1alpha1.wardle.example.com"},"spec":{"group":"wardle.example.com","version":"v1alpha1",
                "groupPriorityMinimum":2000,"versionPriority":200,"caBundle":"%s",
                "service":{"namespace":"wardle","name":"%s","port":%d}}}
                """.formatted(Base64.getEncoder().encodeToString(bundle.getBytes()), service, sample.port());
    }

    private static JsonNode condition() {
        JsonNode conditions = RunningApi.json(api.get(SERVICE + "/v1alpha1.wardle.example.com", RunningApi.ADMIN))
                .path("status")
                .path("conditions");
        return conditions.isEmpty() ? conditions : conditions.get(0);
    }

    private static void awaitAvailable(String status, String reason) {
        await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            assertThat(condition().path("status").asString("")).isEqualTo(status);
            assertThat(condition().path("reason").asString("")).isEqualTo(reason);
        });
    }

    @AfterAll
    static void stop() throws IOException {
        sample.close();
        api.close();
    }

    private static SampleExtensionServer.Asked lastAsked(String pathPart) {
        return new ArrayList<>(sample.asked)
                .reversed().stream()
                        .filter(asked -> asked.path().contains(pathPart))
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void aRequestArrivesWithItsUserAndWithoutItsCredentials() {
        String canary = "?fieldSelector=metadata.name%3Dx&mark=1";
        var answer = api.send(api.request(FLUNDERS + canary, RunningApi.ADMIN)
                .header("X-Remote-User", "forged")
                .header("X-Remote-Group", "forged")
                .header("X-Remote-Extra-Forged", "forged")
                .header("Impersonate-User", "system:admin")
                .header("Impersonate-Group", "system:masters")
                .header("Impersonate-Extra-Scopes", "view"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("FlunderList");
        SampleExtensionServer.Asked asked = lastAsked("mark=1");
        assertThat(asked.path()).isEqualTo(FLUNDERS + canary);
        assertThat(asked.header("x-remote-user")).containsExactly("system:admin");
        assertThat(asked.header("x-remote-group")).containsExactly("system:masters", "system:authenticated");
        assertThat(asked.header("x-remote-extra-scopes")).containsExactly("view");
        assertThat(asked.headers().toString()).doesNotContain("forged", RunningApi.ADMIN, "impersonate");
        assertThat(asked.header("authorization")).isEmpty();
    }

    @Test
    void whoMayNotIsRefusedHere() {
        assertThat(api.get(FLUNDERS, "jane-token").statusCode()).isEqualTo(403);
        assertThat(api.get(FLUNDERS, "jane-token").body()).contains("cannot list resource \\\"flunders\\\"");
    }

    @Test
    void bodiesGoThrough() {
        api.post(FLUNDERS, RunningApi.ADMIN, "{\"mark\":\"posted\"}");
        assertThat(new ArrayList<>(sample.asked)).anyMatch(asked -> asked.body().equals("{\"mark\":\"posted\"}"));
    }

    @Test
    void watchesStream() {
        assertThat(api.get(FLUNDERS + "?watch=true", RunningApi.ADMIN).body().lines())
                .hasSize(3);
    }

    @Test
    void redirectsAreNeverFollowedNorPassedOn() {
        var answer = api.get(FLUNDERS + "/redirect", RunningApi.ADMIN);
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.headers().firstValue("Location")).isEmpty();
        assertThat(answer.body()).contains("attempted to redirect this request");
    }

    @Test
    void discoveryShowsBoth() {
        JsonNode groups = RunningApi.json(api.get("/apis", RunningApi.ADMIN)).path("groups");
        List<String> names = new ArrayList<>();
        groups.forEach(group -> names.add(group.path("name").asString("")));
        assertThat(names).contains("apps", "wardle.example.com");
        JsonNode group = RunningApi.json(api.get("/apis/wardle.example.com", RunningApi.ADMIN));
        assertThat(group.path("preferredVersion").path("groupVersion").asString(""))
                .isEqualTo("wardle.example.com/v1alpha1");
        assertThat(api.get("/apis/wardle.example.com/v1alpha1", RunningApi.ADMIN)
                        .body())
                .contains("\"flunders/status\"");
        JsonNode aggregated = RunningApi.json(api.send(api.request("/apis", RunningApi.ADMIN)
                .header("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")));
        JsonNode item = aggregated
                .path("items")
                .valueStream()
                .filter(each -> each.path("metadata").path("name").asString("").equals("wardle.example.com"))
                .findFirst()
                .orElseThrow();
        JsonNode version = item.path("versions").get(0);
        assertThat(version.path("freshness").asString("")).isEqualTo("Current");
        JsonNode resource = version.path("resources").get(0);
        assertThat(resource.path("resource").asString("")).isEqualTo("flunders");
        assertThat(resource.path("scope").asString("")).isEqualTo("Namespaced");
        assertThat(resource.path("subresources").get(0).path("subresource").asString(""))
                .isEqualTo("status");
    }

    @Test
    void openApiShowsBoth() {
        JsonNode index =
                RunningApi.json(api.get("/openapi/v3", RunningApi.ADMIN)).path("paths");
        assertThat(index.has("apis/apps/v1")).isTrue();
        assertThat(index.path("apis/wardle.example.com/v1alpha1")
                        .path("serverRelativeURL")
                        .asString(""))
                .isEqualTo("/openapi/v3/apis/wardle.example.com/v1alpha1?hash=ABC");
        assertThat(api.get("/openapi/v3/apis/wardle.example.com/v1alpha1?hash=ABC", RunningApi.ADMIN)
                        .body())
                .contains("flunders");
        JsonNode v2 = RunningApi.json(api.get("/openapi/v2", RunningApi.ADMIN));
        assertThat(v2.path("paths").has("/apis/wardle.example.com/v1alpha1/flunders"))
                .isTrue();
        assertThat(v2.path("paths").has("/apis/other")).isFalse();
        assertThat(v2.path("paths").has("/api/v1/pods")).isTrue();
        assertThat(v2.path("definitions").has("example.wardle.Flunder")).isTrue();
    }

    private static SSLSocket raw(String path) throws IOException {
        SSLContext tls = ClientTls.unjudging(null, null);
        SSLSocket socket = (SSLSocket)
                tls.getSocketFactory().createSocket("127.0.0.1", api.root().getPort());
        socket.setSoTimeout(10_000);
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + RunningApi.ADMIN
                                + "\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    @Test
    void upgradesGoThrough() throws IOException {
        try (SSLSocket socket = raw(FLUNDERS + "/x/proxy")) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(ChunkedInput.line(in)).startsWith("HTTP/1.1 101");
            while (!ChunkedInput.line(in).isEmpty()) {
                // headers
            }
            OutputStream out = socket.getOutputStream();
            out.write("hello\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            assertThat(ChunkedInput.line(in)).isEqualTo("hello");
        }
    }

    /** CVE-2018-1002105: behind a refused upgrade nobody may go on speaking to the far server. */
    @Test
    void aRefusedUpgradeLeavesNoPipe() throws IOException {
        try (SSLSocket socket = raw(FLUNDERS + "/refuse/proxy")) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(ChunkedInput.line(in)).startsWith("HTTP/1.1 403");
            socket.getOutputStream()
                    .write("GET /apis/wardle.example.com/v1alpha1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            String rest = new String(in.readNBytes(4096), StandardCharsets.UTF_8);
            assertThat(rest).contains("no upgrade here");
        } catch (SocketTimeoutException keptAlive) {
            // the connection is ours, and waits
        }
        assertThat(new ArrayList<>(sample.asked))
                .noneMatch(asked -> asked.path().contains("smuggled"));
    }

    @Test
    void halfAnAnswerIsNone() {
        var answer = api.get("/apis/wardle.example.com/v1alpha1/hangup", RunningApi.ADMIN);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(answer.body()).isEqualTo("error trying to reach service: EOF\n");
        assertThatException()
                .as("the connection ends as early as the backend's")
                .isThrownBy(() -> api.get("/apis/wardle.example.com/v1alpha1/cut", RunningApi.ADMIN))
                .withRootCauseInstanceOf(IOException.class);
    }

    @Test
    void whatIsDownIsSaidAndComesBack() throws Exception {
        int port = sample.port();
        sample.close();
        var answer = api.get(FLUNDERS, RunningApi.ADMIN);
        assertThat(answer.statusCode()).isEqualTo(503);
        // A changed spec is checked at once, and every two seconds while it fails.
        api.send(
                "PATCH",
                SERVICE + "/v1alpha1.wardle.example.com",
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"spec\":{\"versionPriority\":201}}");
        awaitAvailable("False", "FailedDiscoveryCheck");
        answer = api.get(FLUNDERS, RunningApi.ADMIN);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("service unavailable\n");
        sample = sample(port);
        awaitAvailable("True", "Passed");
        assertThat(api.get(FLUNDERS, RunningApi.ADMIN).statusCode()).isEqualTo(200);
    }
}
