package io.quarterdeck.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The services apart, each a process of its own beside PostgreSQL and Kafka ({@code compose/processes}): they work
 * together, and go on when Kafka stops. No node runs: Node objects are enough for a pod to be placed.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SeparateServicesIT {
    private static final Path SCRIPT =
            Path.of("../compose/processes").toAbsolutePath().normalize();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String NODE = """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s"},
             "status": {"capacity": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                        "allocatable": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                        "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "",
                                        "lastHeartbeatTime": "%s", "lastTransitionTime": "%s"}]}}""";

    private static Path directory;
    private static int port;
    private static Commands commands;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Commands.installed("kubectl"), "kubectl is not installed: skipped");
        directory = Files.createTempDirectory("quarterdeck-apart-");
        port = ThreadLocalRandom.current().nextInt(20_000, 28_000);
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("HOME", directory.toString());
        environment.put(
                "KUBECONFIG", directory.resolve("kubeconfigs/admin.kubeconfig").toString());
        environment.put("QUARTERDECK_JAVA_HOME", System.getProperty("java.home"));
        environment.put("QUARTERDECK_NO_BUILD", "1");
        // Nobody renews the leases of these nodes, and no kubelet will end their pods.
        environment.put("QUARTERDECK_CONTROLLERS_NODEMONITORGRACEPERIOD", "1h");
        environment.put("QUARTERDECK_CONTROLLERS_NODESTARTUPGRACEPERIOD", "1h");
        commands = new Commands(environment);
        processes("up", directory.toString(), Integer.toString(port));
        String now = java.time.Instant.now()
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                .toString();
        for (String name : List.of("a", "b")) {
            kubectl(NODE.formatted(name, now, now), "create -f -");
        }
    }

    @AfterAll
    static void stop() {
        if (commands != null) {
            processes("down", directory.toString());
            commands.run(Duration.ofMinutes(1), "", List.of("rm", "-rf", directory.toString()));
        }
    }

    @Test
    @Order(1)
    void worksAsTheWholeDoes() throws Exception {
        kubectl("create deployment web --image=example.test/web --replicas=3");
        awaitPods("web", 3);
        kubectl("expose deployment web --port=80");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(kubectl("get endpointslices -l kubernetes.io/service-name=web -o name"))
                        .isNotBlank());
        assertThat(kubectl("get serviceaccount,configmap -n default -o name"))
                .contains("serviceaccount/default", "configmap/kube-root-ca.crt");
    }

    @Test
    @Order(2)
    void controllersAndSchedulerFollowThroughKafka() {
        awaitSource(10257, "pods", "kafka");
        awaitSource(10259, "pods", "kafka");
    }

    @Test
    @Order(3)
    void goesOnByHttpWatchWhileKafkaIsAwayAndReturns() throws Exception {
        processes("stop", "kafka", directory.toString());
        Path watched = directory.resolve("watched");
        Process watch = new ProcessBuilder(
                        "kubectl",
                        "--kubeconfig=" + directory.resolve("kubeconfigs/admin.kubeconfig"),
                        "get",
                        "configmaps",
                        "--watch-only",
                        "-o",
                        "name")
                .redirectOutput(watched.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            watchesOn(watched, "during");
            kubectl("create deployment during --image=example.test/web --replicas=4");
            awaitPods("during", 4);
            kubectl("scale deployment web --replicas=5");
            awaitPods("web", 5);
            awaitSource(10257, "pods", "watch");
            awaitSource(10259, "pods", "watch");
        } finally {
            processes("start", "kafka", directory.toString());
        }
        awaitSource(10257, "pods", "kafka");
        awaitSource(10259, "pods", "kafka");
        watchesOn(watched, "after");
        watch.destroy();

        kubectl("create deployment after --image=example.test/web --replicas=2");
        awaitPods("after", 2);
        kubectl("scale deployment web --replicas=6");
        awaitPods("web", 6);
        assertThat(kubectl("get replicasets -o jsonpath={.items[*].metadata.ownerReferences[*].name}")
                        .split(" "))
                .as("one replica set for each deployment, none doubled")
                .containsExactlyInAnyOrder("web", "during", "after");
        assertThat(JSON.readTree(kubectl("get pods -o json")).path("items")).hasSize(12);
        assertThat(ownedOnce()).as("pods that nobody owns, or two").isTrue();
    }

    /** Objects made now reach a watch that was opened before. */
    private static void watchesOn(Path watched, String name) {
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            String made = name + "-" + System.nanoTime();
            kubectl("create configmap " + made);
            assertThat(Files.readString(watched)).contains("configmap/" + name);
        });
    }

    private static boolean ownedOnce() {
        for (JsonNode pod : JSON.readTree(kubectl("get pods -o json")).path("items")) {
            if (pod.path("metadata").path("ownerReferences").size() != 1) {
                return false;
            }
        }
        return true;
    }

    private static void awaitPods(String deployment, int count) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode pods = JSON.readTree(kubectl("get pods -l app=" + deployment + " -o json"))
                    .path("items");
            assertThat(pods).hasSize(count);
            Set<String> nodes = pods.valueStream()
                    .map(pod -> pod.path("spec").path("nodeName").asString(""))
                    .collect(Collectors.toSet());
            assertThat(nodes).isSubsetOf("a", "b");
        });
    }

    private static void awaitSource(int usualPort, String resource, String source) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            try (HttpClient client = HttpClient.newHttpClient()) {
                String answer = client.send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + (usualPort + port - 6443)
                                                + "/actuator/informers"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
                Set<String> sources = JSON.readTree(answer)
                        .valueStream()
                        .filter(one -> one.path("resource").asString("").equals(resource))
                        .map(one -> one.path("source").asString(""))
                        .collect(Collectors.toSet());
                assertThat(sources).containsExactly(source);
            }
        });
    }

    private static void processes(String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of(SCRIPT.toString()));
        command.addAll(List.of(arguments));
        commands.run(Duration.ofMinutes(8), "", command).good();
    }

    private static String kubectl(String arguments) {
        return kubectl("", arguments);
    }

    private static String kubectl(String input, String arguments) {
        List<String> command = new java.util.ArrayList<>(List.of("kubectl"));
        command.addAll(Instance.words(arguments));
        return commands.run(PATIENCE, input, command).good();
    }
}
