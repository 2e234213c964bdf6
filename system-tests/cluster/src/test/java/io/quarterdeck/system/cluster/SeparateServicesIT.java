package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.CertificateRequest;
import io.quarterdeck.pki.Keys;
import io.quarterdeck.pki.Pem;
import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import io.quarterdeck.system.harness.LanePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The services apart, each a process of its own beside PostgreSQL and Kafka ({@code compose/processes}): they work
 * together, and go on when Kafka stops. Node objects are enough for a pod to be placed; at the end a real node joins by a
 * bootstrap token.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SeparateServicesIT {
    private static final Path SCRIPT =
            Path.of("../../compose/processes").toAbsolutePath().normalize();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String NODE = """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s"},
             "status": {"capacity": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                        "allocatable": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                        "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "",
                                        "lastHeartbeatTime": "%s", "lastTransitionTime": "%s"}]}}""";

    private static final String TOKEN = "%s.%s".formatted(random(3), random(8));

    private static Path directory;
    private static int port;
    private static Commands commands;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Commands.installed("kubectl"), "kubectl is not installed: skipped");
        directory = Files.createTempDirectory("quarterdeck-apart-");
        port = LanePorts.next();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("HOME", directory.toString());
        environment.put(
                "KUBECONFIG", directory.resolve("kubeconfigs/admin.kubeconfig").toString());
        environment.put("QUARTERDECK_JAVA_HOME", System.getProperty("java.home"));
        environment.put("QUARTERDECK_NO_BUILD", "1");
        // Six JVMs that run for minutes: the second compiler would take more than it gives.
        environment.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
        // Nobody renews the leases of these nodes, and no kubelet will end their pods.
        environment.put("QUARTERDECK_CONTROLLERS_NODEMONITORGRACEPERIOD", "1h");
        environment.put("QUARTERDECK_CONTROLLERS_NODESTARTUPGRACEPERIOD", "1h");
        // So that a certificate is renewed while the test looks.
        environment.put("QUARTERDECK_CONTROLLERS_CLUSTERSIGNINGDURATION", "40s");
        commands = new Commands(environment);
        processes("up", directory.toString(), Integer.toString(port));
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
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
    @Order(2)
    void aPolicyIsToldWhereItsTypesDoNotFit() {
        kubectl("""
                {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
                 "metadata": {"name": "typed"},
                 "spec": {"matchConstraints": {"resourceRules": [
                            {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["deployments"]}]},
                          "validations": [{"expression": "object.spec.replicas == 'three'"}]}}""", "create -f -");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(policyStatus("observedGeneration")).isEqualTo("1"));
        assertThat(policyStatus("typeChecking.expressionWarnings[0].fieldRef"))
                .isEqualTo("spec.validations[0].expression");
        assertThat(policyStatus("typeChecking.expressionWarnings[0].warning"))
                .startsWith(
                        "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_==_' applied to '(int, string)'");
        kubectl("delete validatingadmissionpolicy typed");
    }

    private static String policyStatus(String field) {
        return kubectl("get validatingadmissionpolicy typed -o jsonpath={.status." + field + "}");
    }

    @Test
    @Order(2)
    void aTokenFindsTheClusterByItself() throws Exception {
        String id = random(3);
        String secret = random(8);
        kubectl("apply -f " + Path.of("../../examples/node-join.yaml").toAbsolutePath());
        kubectl(("create secret generic bootstrap-token-%s -n kube-system --type=bootstrap.kubernetes.io/token"
                        + " --from-literal=token-id=%s --from-literal=token-secret=%s"
                        + " --from-literal=usage-bootstrap-authentication=true --from-literal=usage-bootstrap-signing=true")
                .formatted(id, id, secret));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(clusterInfo()).contains("jws-kubeconfig-" + id));

        JsonNode data = JSON.readTree(clusterInfo()).path("data");
        String content = data.path("kubeconfig").asString("");
        String[] signature = data.path("jws-kubeconfig-" + id).asString("").split("\\.\\.");
        assertThat(signature[1]).isEqualTo(signed(signature[0], content, secret));
        assertThat(signature[1]).isNotEqualTo(signed(signature[0], content + " ", secret));

        Path found = Files.writeString(directory.resolve("found.kubeconfig"), content);
        String authority = Files.readString(directory.resolve("pki/ca.crt"));
        assertThat(content).contains(Base64.getEncoder().encodeToString(authority.getBytes(StandardCharsets.UTF_8)));
        assertThat(kubectl(
                        "--kubeconfig=%s --server=https://127.0.0.1:%d --token=%s.%s auth whoami -o jsonpath={.status.userInfo.username}"
                                .formatted(found, port, id, secret)))
                .isEqualTo("system:bootstrap:" + id);
        kubectl("delete secret -n kube-system bootstrap-token-" + id);
    }

    /** As nobody, and without believing the certificate. */
    private static String clusterInfo() {
        String address = "https://127.0.0.1:%d/api/v1/namespaces/kube-public/configmaps/cluster-info".formatted(port);
        return commands.run(PATIENCE, "", List.of("curl", "-sk", address)).good();
    }

    private static String signed(String header, String content, String secret) throws GeneralSecurityException {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        String text = header + "." + base64.encodeToString(content.getBytes(StandardCharsets.UTF_8));
        return base64.encodeToString(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    @Order(2)
    void kubectlApprovesAndDeniesCertificates() throws Exception {
        KeyPair keys = Keys.ellipticCurve();
        String request = Base64.getEncoder()
                .encodeToString(CertificateRequest.pem(CertificateProfile.client("jane", "readers"), keys)
                        .getBytes(StandardCharsets.US_ASCII));
        for (String name : List.of("good", "bad")) {
            kubectl("""
                    {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": "%s"},
                     "spec": {"request": "%s", "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"]}}""".formatted(name, request), "create -f -");
        }
        assertThat(kubectl("certificate deny bad")).contains("bad denied");
        assertThat(kubectl("certificate approve good")).contains("good approved");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(kubectl("get csr good -o jsonpath={.status.certificate}"))
                        .isNotBlank());
        assertThat(kubectl("get csr good bad --no-headers"))
                .containsPattern("good .* Approved,Issued")
                .containsPattern("bad .* Denied");
        assertThat(kubectl("get csr bad -o jsonpath={.status.certificate}")).isBlank();

        Path certificate = directory.resolve("jane.crt");
        Files.write(certificate, Base64.getDecoder().decode(kubectl("get csr good -o jsonpath={.status.certificate}")));
        Path key = Files.writeString(directory.resolve("jane.key"), Pem.encode(keys.getPrivate()));
        assertThat(kubectl(
                        "--kubeconfig=%s --server=https://127.0.0.1:%d --certificate-authority=%s --client-certificate=%s --client-key=%s auth whoami -o jsonpath={.status.userInfo.username}{.status.userInfo.groups}"
                                .formatted(
                                        Files.writeString(directory.resolve("jane.kubeconfig"), ""),
                                        port,
                                        directory.resolve("pki/ca.crt"),
                                        certificate,
                                        key)))
                .isEqualTo("jane[\"readers\",\"system:authenticated\"]");
        kubectl("delete csr good bad");
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

    @Test
    @Order(4)
    @Tag("docker")
    void aNodeJoinsByItsTokenAloneAndRenewsItsCertificate() throws Exception {
        Path bootstrap = directory.resolve("bootstrap.kubeconfig");
        Path kubeconfig = directory.resolve("node/kubeconfig");
        Path current = directory.resolve("node/pki/kubelet-client-current.pem");
        Path log = directory.resolve("node.log");
        bootstrapKubeconfig(bootstrap, "%s.%s".formatted(random(3), random(8)));
        Process agent = nodeAgent(log, bootstrap);
        try {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(log)
                            .content()
                            .containsOnlyOnce("cannot join the cluster: the API server does not accept the token"));
            kubectl("apply -f " + Path.of("../../examples/node-join.yaml").toAbsolutePath());
            kubectl(("create secret generic bootstrap-token-%s -n kube-system --type=bootstrap.kubernetes.io/token"
                            + " --from-literal=token-id=%s --from-literal=token-secret=%s"
                            + " --from-literal=usage-bootstrap-authentication=true"
                            + " --from-literal=auth-extra-groups=system:bootstrappers:kubeadm:default-node-token")
                    .formatted(TOKEN.substring(0, 6), TOKEN.substring(0, 6), TOKEN.substring(7)));
            bootstrapKubeconfig(bootstrap, TOKEN);
            kubectl("wait node/joined --for=create --timeout=120s");
            kubectl("wait node/joined --for=condition=Ready --timeout=120s");

            assertThat(bootstrap).content().contains(TOKEN).doesNotContain("client-certificate");
            assertThat(kubeconfig).content().contains(current.toString()).doesNotContain("token");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kubeconfig)))
                    .isEqualTo("rw-------");

            Path first = Files.readSymbolicLink(current);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(Files.readSymbolicLink(current)).isNotEqualTo(first));
            assertThat(requesters("kubernetes.io/kube-apiserver-client-kubelet"))
                    .contains("system:bootstrap:" + TOKEN.substring(0, 6), "system:node:joined");
            String lease = renewTime();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(renewTime()).isNotEqualTo(lease));

            String serving =
                    await().atMost(PATIENCE).until(SeparateServicesIT::pendingServing, name -> !name.isEmpty());
            kubectl("certificate approve " + serving);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(JSON.readTree(kubectl("get --raw /api/v1/nodes/joined/proxy/pods"))
                                    .path("kind"))
                            .hasToString("\"PodList\""));
        } finally {
            agent.destroy();
            assertThat(agent.waitFor(1, TimeUnit.MINUTES)).isTrue();
            clean();
        }
    }

    private static Process nodeAgent(Path log, Path bootstrap) throws IOException {
        List<String> command = new ArrayList<>(java("-Xmx128m", "-XX:+UseSerialGC", "-jar", nodeAgentJar()));
        command.add("--server.port=" + (10250 + port - 6443));
        command.add("--management.server.port=" + (10248 + port - 6443));
        command.add("--quarterdeck.node.name=joined");
        command.add("--quarterdeck.node.data-dir=" + directory.resolve("node"));
        command.add("--quarterdeck.node.bootstrap-kubeconfig=" + bootstrap);
        return commands.start(log, command);
    }

    private static void clean() throws IOException {
        commands.run(
                PATIENCE,
                "",
                java(
                        "-Dloader.main=io.quarterdeck.node.NodeCleaner",
                        "-cp",
                        nodeAgentJar(),
                        "org.springframework.boot.loader.launch.PropertiesLauncher",
                        directory.resolve("node").toString()));
    }

    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(arguments));
        return command;
    }

    private static String nodeAgentJar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("../../node-agent/target"))) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith("-exec.jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** What a user hands to a machine that is to join: address, authority, token. */
    private static void bootstrapKubeconfig(Path file, String token) {
        String config = "config --kubeconfig=" + file;
        kubectl("%s set-cluster c --server=https://127.0.0.1:%d --embed-certs --certificate-authority=%s"
                .formatted(config, port, directory.resolve("pki/ca.crt")));
        kubectl(config + " set-credentials joining --token=" + token);
        kubectl(config + " set-context c --cluster=c --user=joining");
        kubectl(config + " use-context c");
    }

    private static String renewTime() {
        return kubectl("get lease -n kube-node-lease joined -o jsonpath={.spec.renewTime}");
    }

    private static String pendingServing() {
        return JSON.readTree(kubectl("get csr -o json"))
                .path("items")
                .valueStream()
                .filter(csr -> csr.path("spec").path("signerName").asString("").equals("kubernetes.io/kubelet-serving"))
                .filter(csr -> csr.path("status").path("conditions").isEmpty())
                .map(csr -> csr.path("metadata").path("name").asString(""))
                .findFirst()
                .orElse("");
    }

    private static List<String> requesters(String signer) {
        return JSON.readTree(kubectl("get csr -o json"))
                .path("items")
                .valueStream()
                .filter(csr -> csr.path("spec").path("signerName").asString("").equals(signer))
                .map(csr -> csr.path("spec").path("username").asString(""))
                .toList();
    }

    private static String random(int bytes) {
        byte[] secret = new byte[bytes];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
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
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
        command.addAll(List.of(arguments));
        commands.run(Duration.ofMinutes(8), "", command).good();
    }

    private static String kubectl(String arguments) {
        return kubectl("", arguments);
    }

    private static String kubectl(String input, String arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl"));
        command.addAll(Instance.words(arguments));
        return commands.run(PATIENCE, input, command).good();
    }
}
