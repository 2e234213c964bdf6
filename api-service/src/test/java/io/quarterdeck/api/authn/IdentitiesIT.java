package io.quarterdeck.api.authn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.quarterdeck.api.callout.ClientTls;
import io.quarterdeck.api.testing.RunningApi;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.KeyedCertificate;
import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who is who, asked of a real server with a real issuer and a real webhook behind it. */
class IdentitiesIT {

    @TempDir
    static Path directory;

    private static RunningApi api;
    private static HttpsServer issuer;
    private static HttpServer webhook;
    private static volatile RSAKey issuing;
    private static final AtomicInteger REVIEWS = new AtomicInteger();
    private static String issuerUrl;

    @BeforeAll
    static void start() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("issuer-ca", Instant.now());
        KeyedCertificate identity =
                authority.issue(CertificateProfile.server("issuer", List.of("localhost")), Instant.now());
        issuing = new RSAKeyGenerator(2048).keyID("one").generate();
        issuer = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.setHttpsConfigurator(new HttpsConfigurator(
                ClientTls.of(authority.certificatePem(), identity.certificatePem(), identity.keyPem())));
        issuerUrl = "https://localhost:" + issuer.getAddress().getPort();
        answer(
                issuer,
                "/.well-known/openid-configuration",
                () -> "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(issuerUrl, issuerUrl));
        answer(issuer, "/keys", () -> new JWKSet(issuing).toString(true));
        issuer.start();
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext("/", exchange -> {
            REVIEWS.incrementAndGet();
            JsonNode review = JsonMapper.shared().readTree(exchange.getRequestBody());
            String token = review.path("spec").path("token").asString("");
            byte[] body = (switch (token) {
                        case "remote-token" ->
                            "{\"status\":{\"authenticated\":true,\"user\":{\"username\":\"remote\",\"uid\":\"7\","
                                    + "\"groups\":[\"far\"],\"extra\":{\"k\":[\"v\"]}}}}";
                        case "version-token" ->
                            "{\"status\":{\"error\":\"asked in %s\"}}"
                                    .formatted(review.path("apiVersion").asString(""));
                        case "damaged-token" -> "{\"status\":{\"authenticated\":\"yes\"}}";
                        default -> "{\"status\":{\"authenticated\":false}}";
                    })
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(token.equals("busy-token") ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        webhook.start();
        Path webhookFile = Files.writeString(directory.resolve("webhook.yaml"), """
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d/authenticate"}}]
                users: [{name: u, user: {}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """.formatted(
                        webhook.getAddress().getPort()));
        Path configuration = Files.writeString(directory.resolve("authentication.yaml"), """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AuthenticationConfiguration
                anonymous: {enabled: true, conditions: [{path: /livez}, {path: /readyz}]}
                jwt:
                - issuer:
                    url: %s
                    audiences: [quarterdeck]
                    certificateAuthority: |
                %s
                  claimValidationRules:
                  - {claim: hd, requiredValue: example.org}
                  - {expression: "claims.level > 2", message: too low}
                  claimMappings:
                    username: {expression: "'oidc:' + claims.sub"}
                    groups: {claim: roles, prefix: "oidc:"}
                    uid: {claim: sub}
                    extra: [{key: "example.org/tenant", valueExpression: "claims.tenant"}]
                  userValidationRules:
                  - {expression: "!user.username.startsWith('oidc:system:')", message: reserved}
                """.formatted(
                        issuerUrl, authority.certificatePem().indent(8)));
        api = RunningApi.start(
                directory,
                "--quarterdeck.api.authentication.config-file=" + configuration,
                "--quarterdeck.api.authentication.webhook-config-file=" + webhookFile);
    }

    private interface Text {
        String get();
    }

    private static void answer(HttpServer server, String path, Text text) {
        server.createContext(path, exchange -> {
            byte[] body = text.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    @AfterAll
    static void stop() {
        api.close();
        issuer.stop(0);
        webhook.stop(0);
    }

    private static String token(Map<String, Object> claims) throws Exception {
        JWTClaimsSet.Builder set = new JWTClaimsSet.Builder()
                .issuer(issuerUrl)
                .subject("jane")
                .audience("quarterdeck")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .claim("hd", "example.org")
                .claim("level", 3)
                .claim("roles", List.of("dev"))
                .claim("tenant", "blue");
        claims.forEach(set::claim);
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID(issuing.getKeyID())
                        .build(),
                set.build());
        jwt.sign(new RSASSASigner(issuing));
        return jwt.serialize();
    }

    private static JsonNode review(String token, String audiences) {
        return RunningApi.json(api.post(
                        "/apis/authentication.k8s.io/v1/tokenreviews",
                        RunningApi.ADMIN,
                        "{\"spec\":{\"token\":\"%s\",\"audiences\":[%s]}}".formatted(token, audiences)))
                .path("status");
    }

    @Test
    void aReviewTellsWhyAnIssuersTokenIsNotBelieved() throws Exception {
        Map<String, Map<String, Object>> refused = Map.of(
                "oidc: verify token: oidc: expected audience \"quarterdeck\" got [\"another\"]",
                Map.of("aud", "another"),
                "oidc: required claim hd value does not match. Got = example.net, want = example.org",
                Map.of("hd", "example.net"),
                "oidc: error evaluating claim validation expression: validation expression 'claims.level > 2' failed: too low",
                Map.of("level", 1),
                "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('oidc:system:')' failed: reserved",
                Map.of("sub", "system:x"),
                "oidc: parse groups claim \"roles\": json: cannot unmarshal array into Go value of type string",
                Map.of("roles", List.of("a", 3)));
        for (var each : refused.entrySet()) {
            assertThat(review(token(each.getValue()), "").path("error").asString(""))
                    .isEqualTo("[invalid bearer token, " + each.getKey() + "]");
        }
        assertThat(review(token(Map.of()), "\"elsewhere\"")
                        .path("authenticated")
                        .asBoolean(false))
                .as("its tokens are meant for this API alone")
                .isFalse();
        assertThat(review(token(Map.of("jti", "one")), "")
                        .path("user")
                        .path("extra")
                        .path("authentication.kubernetes.io/credential-id")
                        .path(0)
                        .asString(""))
                .isEqualTo("JTI=one");
    }

    private static JsonNode whoIs(String token) {
        var answer = api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", token, "{}");
        return answer.statusCode() == 201
                ? RunningApi.json(answer).path("status").path("userInfo")
                : JsonMapper.shared().createObjectNode().put("refused", answer.statusCode());
    }

    @Test
    void anIssuersTokenMakesItsUser() throws Exception {
        JsonNode user = whoIs(token(Map.of()));
        assertThat(user.path("username").asString("")).isEqualTo("oidc:jane");
        assertThat(user.path("uid").asString("")).isEqualTo("jane");
        assertThat(user.path("groups").toString()).isEqualTo("[\"oidc:dev\",\"system:authenticated\"]");
        assertThat(user.path("extra").path("example.org/tenant").toString()).isEqualTo("[\"blue\"]");
    }

    @Test
    void whatTheRulesRefuseIsNobody() throws Exception {
        assertThat(whoIs(token(Map.of("hd", "example.net"))).path("refused").asInt(0))
                .isEqualTo(401);
        assertThat(whoIs(token(Map.of("level", 1))).path("refused").asInt(0)).isEqualTo(401);
        assertThat(whoIs(token(Map.of("sub", "system:masters"))).path("refused").asInt(0))
                .isEqualTo(401);
        assertThat(whoIs(token(Map.of("aud", "another"))).path("refused").asInt(0))
                .isEqualTo(401);
        assertThat(whoIs(token(Map.of("exp", Date.from(Instant.now().minusSeconds(1)))))
                        .path("refused")
                        .asInt(0))
                .isEqualTo(401);
        RSAKey stolen = new RSAKeyGenerator(2048).keyID("one").generate();
        RSAKey kept = issuing;
        issuing = stolen;
        String forged = token(Map.of());
        issuing = kept;
        assertThat(whoIs(forged).path("refused").asInt(0)).isEqualTo(401);
    }

    @Test
    void aWebhookIsAskedOnceForATime() {
        JsonNode user = whoIs("remote-token");
        assertThat(user.path("username").asString("")).isEqualTo("remote");
        assertThat(user.path("groups").toString()).isEqualTo("[\"far\",\"system:authenticated\"]");
        int asked = REVIEWS.get();
        whoIs("remote-token");
        assertThat(REVIEWS.get()).isEqualTo(asked);
        assertThat(whoIs("unknown-token").path("refused").asInt(0)).isEqualTo(401);
    }

    @Test
    void aReviewTellsWhatTheWebhookSays() {
        assertThat(review("version-token", "").path("error").asString(""))
                .isEqualTo("[invalid bearer token, asked in authentication.k8s.io/v1beta1]");
        assertThat(review("damaged-token", "").path("error").asString(""))
                .isEqualTo("[invalid bearer token, json: cannot unmarshal string into Go struct field"
                        + " TokenReviewStatus.status.authenticated of type bool]");
        assertThat(review("busy-token", "").path("error").asString(""))
                .isEqualTo("[invalid bearer token, the server is currently unable to handle the request]");
        assertThat(review("nobodys-token", "").path("error").asString("")).isEqualTo("invalid bearer token");
    }

    @Test
    void aWebhookThatNamesNoAudienceMeansThisApi() {
        assertThat(review("remote-token", "").path("authenticated").asBoolean(false))
                .isTrue();
        assertThat(review("remote-token", "\"elsewhere\"").path("authenticated").asBoolean(false))
                .isFalse();
    }

    @Test
    void anonymousReachesNamedPathsAlone() {
        assertThat(api.get("/livez", "").statusCode()).isEqualTo(200);
        assertThat(api.get("/version", "").statusCode()).isEqualTo(401);
        assertThat(api.get("/api/v1/pods", "").statusCode()).isEqualTo(401);
    }

    private static String data(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aBootstrapTokenLivesAsLongAsItsSecret() {
        String secrets = "/api/v1/namespaces/kube-system/secrets";
        await().until(() ->
                api.get("/api/v1/namespaces/kube-system", RunningApi.ADMIN).statusCode() == 200);
        api.create(secrets, """
                {"metadata":{"name":"bootstrap-token-abc123"},"type":"bootstrap.kubernetes.io/token","data":{
                "token-id":"%s","token-secret":"%s","usage-bootstrap-authentication":"%s","auth-extra-groups":"%s",
                "expiration":"%s"}}
                """.formatted(
                        data("abc123"),
                        data("0123456789abcdef"),
                        data("true"),
                        data("system:bootstrappers:workers"),
                        data(Instant.now().plusSeconds(3600).toString())));
        JsonNode user = whoIs("abc123.0123456789abcdef");
        assertThat(user.path("username").asString("")).isEqualTo("system:bootstrap:abc123");
        assertThat(user.path("groups").toString())
                .isEqualTo("[\"system:bootstrappers\",\"system:bootstrappers:workers\",\"system:authenticated\"]");
        assertThat(whoIs("abc123.0123456789abcdee").path("refused").asInt(0)).isEqualTo(401);
        String path = secrets + "/bootstrap-token-abc123";
        api.send(
                "PATCH",
                path,
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"data\":{\"expiration\":\""
                        + data(Instant.now().minusSeconds(1).toString()) + "\"}}");
        assertThat(whoIs("abc123.0123456789abcdef").path("refused").asInt(0)).isEqualTo(401);
        api.send(
                "PATCH",
                path,
                RunningApi.ADMIN,
                "application/merge-patch+json",
                "{\"data\":{\"expiration\":null,\"auth-extra-groups\":\"" + data("system:masters") + "\"}}");
        assertThat(whoIs("abc123.0123456789abcdef").path("refused").asInt(0)).isEqualTo(401);
    }

    private static String accountToken() {
        var answer =
                api.post("/api/v1/namespaces/default/serviceaccounts/robot/token", RunningApi.ADMIN, "{\"spec\":{}}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return RunningApi.json(answer).path("status").path("token").asString("");
    }

    /** The signing key is replaced while the server runs: the old key's tokens stay good, new ones are the new key's. */
    @Test
    void theSigningKeyRotatesWithoutARefusedToken() throws Exception {
        api.create("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"robot\"}}");
        String before = accountToken();
        assertThat(whoIs(before).path("username").asString("")).isEqualTo("system:serviceaccount:default:robot");
        Path key = api.pki().resolve("sa.key");
        Path publicKeys = api.pki().resolve("sa.pub");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var fresh = generator.generateKeyPair();
        // First the new public half, everywhere; then the private one.
        Files.writeString(publicKeys, Files.readString(publicKeys) + Pem.encode(fresh.getPublic()));
        Files.writeString(key, Pem.encode(fresh.getPrivate()));
        String oldId = SignedJWT.parse(before).getHeader().getKeyID();
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            assertThat(whoIs(before).path("username").asString("")).isEqualTo("system:serviceaccount:default:robot");
            String now = accountToken();
            assertThat(whoIs(now).path("username").asString("")).isEqualTo("system:serviceaccount:default:robot");
            return !SignedJWT.parse(now).getHeader().getKeyID().equals(oldId);
        });
        assertThat(whoIs(before).path("username").asString("")).isEqualTo("system:serviceaccount:default:robot");
        assertThat(RunningApi.json(api.get("/openid/v1/jwks", RunningApi.ADMIN)).path("keys"))
                .hasSize(2);
    }

    @Test
    void aBoundTokenEndsWithItsObject() throws IOException {
        api.create("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"bound\"}}");
        String uid = api.create("/api/v1/namespaces/default/secrets", "{\"metadata\":{\"name\":\"anchor\"}}")
                .path("metadata")
                .path("uid")
                .asString("");
        var answer = api.post(
                "/api/v1/namespaces/default/serviceaccounts/bound/token",
                RunningApi.ADMIN,
                "{\"spec\":{\"boundObjectRef\":{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"name\":\"anchor\",\"uid\":\"%s\"}}}"
                        .formatted(uid));
        String token = RunningApi.json(answer).path("status").path("token").asString("");
        assertThat(whoIs(token).path("username").asString("")).isEqualTo("system:serviceaccount:default:bound");
        api.send("DELETE", "/api/v1/namespaces/default/secrets/anchor", RunningApi.ADMIN, "application/json", "{}");
        assertThat(whoIs(token).path("refused").asInt(0)).isEqualTo(401);
    }
}
