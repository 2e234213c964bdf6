package io.quarterdeck.node.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ClientFactory;
import io.quarterdeck.client.ClientProperties;
import io.quarterdeck.client.Kubeconfig;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.client.WatchStream;
import io.quarterdeck.pki.CertificateAuthority;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenewedClientTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ResourceType<Pod> PODS = ResourceType.of(Pod.class);

    @TempDir
    Path dir;

    /** A watch under the old identity must not go deaf: it ends, and its follower watches anew. */
    @Test
    void watchesUnderTheOldIdentityEndAndNewOnesBegin() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        AtomicInteger opened = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/api/v1/pods", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody()
                    .write("{\"watch\":%d}\n"
                            .formatted(opened.incrementAndGet())
                            .getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        Path kubeconfig = dir.resolve("kubeconfig");
        Kubeconfig.withToken(
                        "it",
                        "http://127.0.0.1:" + server.getAddress().getPort(),
                        CertificateAuthority.create("ca", Instant.now()).certificatePem(),
                        "t")
                .write(kubeconfig);
        ClientProperties properties = new ClientProperties(kubeconfig, PATIENCE);
        try (RenewedClient client = new RenewedClient(() -> ClientFactory.open(properties, "it"), Duration.ZERO)) {
            ApiClient api = new ApiClient(client);
            WatchStream before = api.watch(PODS, "", Map.of("timeoutSeconds", "300"));
            assertThat(before.next(PATIENCE)).map(String::new).contains("{\"watch\":1}");
            client.renew();
            assertThat(before.next(PATIENCE)).isEmpty();
            try (WatchStream after = api.watch(PODS, "", Map.of("timeoutSeconds", "300"))) {
                assertThat(after.next(PATIENCE)).map(String::new).contains("{\"watch\":2}");
            }
        } finally {
            done.countDown();
            server.stop(0);
        }
    }
}
