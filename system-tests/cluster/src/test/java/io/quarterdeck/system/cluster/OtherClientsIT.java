package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.system.harness.Instance;
import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that are not kubectl: plain HTTP with a token, Swagger UI, Actuator. */
@Tag("docker")
class OtherClientsIT {
    private static Instance cluster;
    private static HttpClient https;
    private static String token;

    @BeforeAll
    static void start() throws Exception {
        cluster = Cluster.shared();
        Cluster.namespace("clients");
        cluster.kubectl("-n clients create serviceaccount editor").good();
        cluster.kubectl("-n clients create rolebinding editor --clusterrole=edit --serviceaccount=clients:editor")
                .good();
        token = cluster.kubectl("-n clients create token editor").good().strip();
        https = HttpClient.newBuilder()
                .sslContext(trust())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    private static SSLContext trust() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = new FileInputStream(cluster.data().resolve("pki/ca.crt").toFile())) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(cluster.server() + path)).header("Authorization", "Bearer " + token);
    }

    @Test
    void aServiceIsCreatedFromYaml() throws Exception {
        HttpResponse<String> answer = https.send(
                request("/api/v1/namespaces/clients/services")
                        .header("Content-Type", "application/yaml")
                        .POST(HttpRequest.BodyPublishers.ofString("""
                                apiVersion: v1
                                kind: Service
                                metadata:
                                  name: by-yaml
                                spec:
                                  ports:
                                  - port: 80
                                """))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.body()).contains("\"clusterIP\":\"10.96.");
    }

    @Test
    void aTokenOpensOnlyWhatItsRoleAllows() throws Exception {
        assertThat(https.send(request("/api/v1/nodes").build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(403);
        assertThat(https.send(
                                HttpRequest.newBuilder(URI.create(cluster.server() + "/api/v1/nodes"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(403);
        assertThat(https.send(
                                HttpRequest.newBuilder(URI.create(cluster.server() + "/api/v1/nodes"))
                                        .header("Authorization", "Bearer wrong")
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void swaggerUiIsServedAndItsApiAnswersTheToken() throws Exception {
        HttpResponse<String> page =
                https.send(request("/swagger-ui/index.html").build(), HttpResponse.BodyHandlers.ofString());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).containsIgnoringCase("swagger");
        assertThat(https.send(request("/api/v1/namespaces/clients/pods").build(), HttpResponse.BodyHandlers.ofString())
                        .body())
                .contains("\"kind\":\"PodList\"");
    }

    @Test
    void actuatorShowsTheQueueOfEachController() throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://127.0.0.1:" + cluster.shifted(10257) + "/actuator/controllers"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).containsPattern(Pattern.compile("deployment", Pattern.CASE_INSENSITIVE));
    }
}
