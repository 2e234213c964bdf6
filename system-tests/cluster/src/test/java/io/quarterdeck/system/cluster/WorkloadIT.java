package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A day with kubectl: one deployment from its creation to its end, as a newcomer's tutorial has it. */
@Tag("docker")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WorkloadIT {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static Instance cluster;
    private static String clusterIp;

    @BeforeAll
    static void start() {
        cluster = Cluster.shared();
        Cluster.namespace("workload");
    }

    private static Commands.Result kubectl(String arguments) {
        return cluster.kubectl("-n workload " + arguments);
    }

    private static String pod(int index) {
        return kubectl("get pods -l app=web -o jsonpath={.items[" + index + "].metadata.name}")
                .good();
    }

    private static String fetch(String address) throws Exception {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create(address))
                                .timeout(Duration.ofSeconds(5))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body()
                .strip();
    }

    @Test
    @Order(1)
    void aDeploymentRunsItsReplicas() {
        kubectl("create deployment web --image=" + Cluster.V1 + " --replicas=3").good();
        kubectl("rollout status deployment/web --timeout=120s").good();
        assertThat(kubectl("get deployment web -o jsonpath={.status.readyReplicas}")
                        .good())
                .isEqualTo("3");
    }

    @Test
    @Order(2)
    void aServiceAnswersOnItsClusterAddress() throws Exception {
        kubectl("expose deployment web --port=80").good();
        clusterIp = kubectl("get service web -o jsonpath={.spec.clusterIP}").good();
        await().atMost(Duration.ofSeconds(90))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(fetch("http://" + clusterIp)).isEqualTo("v1"));
    }

    @Test
    @Order(3)
    void everythingIsListed() {
        assertThat(kubectl("get all -o wide").good())
                .contains("pod/web-", "service/web", "deployment.apps/web", "replicaset.apps/web-", "10.244.");
    }

    @Test
    @Order(4)
    void logsAreRead() {
        kubectl("run talker --image=" + Cluster.V1 + " --restart=Never --command -- sh -c 'echo first; echo second'")
                .good();
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(kubectl("logs talker").out()).isEqualTo("first\nsecond\n"));
        assertThat(kubectl("logs talker --tail=1").good()).isEqualTo("second\n");
    }

    @Test
    @Order(4)
    void aLogThatIsNotThereIsExplained() {
        kubectl("run nowhere --image=quarterdeck-test/absent:v1 --image-pull-policy=Never")
                .good();
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(kubectl("logs nowhere").err())
                        .contains("container \"nowhere\" in pod \"nowhere\" is waiting to start: ErrImageNeverPull"));
        kubectl("delete pod nowhere --now").good();
    }

    @Test
    @Order(5)
    void aRunningPodIsLookedInto() {
        kubectl("debug " + pod(0) + " --image=" + Cluster.V1
                        + " --image-pull-policy=IfNotPresent --target=web -c eye --profile=general -- ps")
                .good();
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() ->
                        assertThat(kubectl("logs " + pod(0) + " -c eye").out()).contains("httpd"));
    }

    @Test
    @Order(5)
    void commandsRunInAContainer() {
        assertThat(kubectl("exec " + pod(0) + " -- cat /www/index.html").good()).isEqualTo("v1\n");
        assertThat(kubectl("exec " + pod(0) + " -- sh -c 'exit 7'").status()).isEqualTo(7);
        assertThat(cluster.kubectl("typed\n", Duration.ofSeconds(30), "-n workload exec -i " + pod(0) + " -- cat")
                        .good())
                .isEqualTo("typed\n");
    }

    @Test
    @Order(6)
    void commandsRunInATerminal() {
        Commands.Result terminal = cluster.commands()
                .run(
                        Duration.ofSeconds(30),
                        "",
                        List.of("script", "-qec", "kubectl -n workload exec -it " + pod(0) + " -- tty", "/dev/null"));
        assertThat(terminal.out()).contains("/dev/pts/");
    }

    @Test
    @Order(7)
    void aPortIsForwarded() throws Exception {
        Process forward =
                cluster.commands().start(List.of("kubectl", "-n", "workload", "port-forward", "deployment/web", ":80"));
        try (BufferedReader said = forward.inputReader()) {
            String line = said.readLine();
            assertThat(line).startsWith("Forwarding from 127.0.0.1:");
            String port = line.replaceAll("^Forwarding from 127.0.0.1:(\\d+) .*", "$1");
            assertThat(fetch("http://127.0.0.1:" + port)).isEqualTo("v1");
        } finally {
            forward.destroy();
        }
    }

    @Test
    @Order(8)
    void aDeploymentIsScaled() {
        kubectl("scale deployment web --replicas=5").good();
        kubectl("rollout status deployment/web --timeout=120s").good();
        assertThat(kubectl("get pods -l app=web --field-selector=status.phase=Running -o name")
                        .good()
                        .lines())
                .hasSize(5);
        kubectl("scale deployment web --replicas=3").good();
    }

    @Test
    @Order(9)
    void aRollOutFailsNoRequest() throws Exception {
        kubectl(
                        "patch deployment web -p '{\"spec\":{\"strategy\":{\"rollingUpdate\":{\"maxUnavailable\":0,\"maxSurge\":1}},"
                                + "\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"readinessProbe\":{\"httpGet\":{\"port\":80},"
                                + "\"periodSeconds\":1},\"lifecycle\":{\"preStop\":{\"exec\":{\"command\":[\"sleep\",\"5\"]}}}}]}}}}'")
                .good();
        kubectl("rollout status deployment/web --timeout=180s").good();

        var going = new AtomicBoolean(true);
        var answered = new AtomicInteger();
        try (ExecutorService loop = Executors.newVirtualThreadPerTaskExecutor()) {
            String name = kubectl("get deployment web -o jsonpath={.spec.template.spec.containers[0].name}")
                    .good();
            Future<?> requests = loop.submit(() -> {
                while (going.get()) {
                    assertThat(fetch("http://" + clusterIp)).isIn("v1", "v2");
                    answered.incrementAndGet();
                }
                return null;
            });
            kubectl("set image deployment/web " + name + "=" + Cluster.V2).good();
            kubectl("rollout status deployment/web --timeout=180s").good();
            going.set(false);
            requests.get();
        }
        assertThat(answered).hasPositiveValue();
        assertThat(fetch("http://" + clusterIp)).isEqualTo("v2");
    }

    @Test
    @Order(10)
    void aRollOutIsUndone() throws Exception {
        kubectl("rollout undo deployment/web").good();
        kubectl("rollout status deployment/web --timeout=180s").good();
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(fetch("http://" + clusterIp)).isEqualTo("v1"));
    }

    @Test
    @Order(11)
    void objectsAreDescribed() {
        assertThat(kubectl("describe deployment web").good()).contains("RollingUpdate", "ScalingReplicaSet");
        assertThat(kubectl("describe pod " + pod(0)).good()).contains("Container started", "Successfully assigned");
        assertThat(kubectl("get events").good()).contains("SuccessfulCreate", "Scheduled", "Started");
    }

    @Test
    @Order(12)
    void everythingIsDeleted() {
        kubectl("delete deployment,service,pod --all --timeout=90s").good();
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(
                        () -> assertThat(kubectl("get pods -o name").good()).isEmpty());
    }
}
