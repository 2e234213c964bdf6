package io.quarterdeck.node.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ClientFactory;
import io.quarterdeck.client.ClientProperties;
import io.quarterdeck.client.Kubeconfig;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.node.identity.NodeCertificate;
import io.quarterdeck.node.pods.NodeHarness;
import io.quarterdeck.node.registration.MachineFacts;
import io.quarterdeck.node.stats.StatsSummary;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.ClusterPki;
import io.quarterdeck.pki.Pem;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;

/** Real kubectl against the node's port; in front of it only what translates the API's paths into the node's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("docker")
class NodeServerIT {

    @TempDir
    static Path dir;

    private NodeHarness node;
    private WebServer server;
    private KubernetesClient client;
    private Pod pod;
    private Path admin;

    @BeforeAll
    void start() {
        ClusterPki pki = ClusterPki.ensure(dir.resolve("pki"), List.of(), "10.96.0.1", "cluster.local", Instant.now());
        pki.issue("kubelet", CertificateProfile.server("system:node:it", List.of("127.0.0.1")));
        node = new NodeHarness(dir.resolve("node"));
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
        new NodeServerTls(() -> NodeCertificate.read(pki.certificateFile("kubelet"), pki.keyFile("kubelet")))
                .customize(factory);
        admin = dir.resolve("admin.kubeconfig");
        kubeconfig(pki, 1).write(admin);
        client = ClientFactory.open(new ClientProperties(admin, Duration.ofSeconds(10)), "it");
        Servlet servlet = NodeServer.servlet(
                pki.certificateFile("ca"),
                "it",
                new ApiClient(client),
                node.source(),
                node.workers,
                node.runtime,
                new StatsSummary("it", MachineFacts.read(dir), node.runtime, InstantSource.system()),
                InstantSource.system());
        server = factory.getWebServer(context ->
                context.addServlet("api", new ApiPaths((HttpServlet) servlet)).addMapping("/*"));
        server.start();
        kubeconfig(pki, server.getPort()).write(admin);
        pod = node.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: target}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: main
                    image: quarterdeck-test/busybox:1
                    stdin: true
                    command: [sh, -c, 'echo begin; echo over port > /tmp/index.html; httpd -p 127.0.0.1:8080 -h /tmp; while read line; do echo "got $line"; done; sleep 1000']
                    readinessProbe: {exec: {command: [sh, -c, 'nc 127.0.0.1 8080 </dev/null']}, periodSeconds: 1, timeoutSeconds: 20}
                """);
        await().atMost(Duration.ofSeconds(90)).until(() -> node.isTrue(pod, "Ready"));
    }

    private Kubeconfig kubeconfig(ClusterPki pki, int port) {
        return Kubeconfig.withCertificate(
                "it",
                "https://127.0.0.1:" + port,
                ca(pki.ca()),
                pki.issue("admin", CertificateProfile.client("kubernetes-admin", "system:masters")));
    }

    private static String ca(CertificateAuthority authority) {
        return Pem.encode(authority.certificate());
    }

    @AfterAll
    void stop() throws Exception {
        server.stop();
        client.close();
        node.close();
    }

    private record Ran(int exitCode, String out, String err) {}

    private ProcessBuilder kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig", admin.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HOME", dir.toString());
        return builder;
    }

    private Ran run(ProcessBuilder builder, String stdin) throws Exception {
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(stdin.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Ran(process.exitValue(), out, err);
    }

    private ProcessBuilder spdy(ProcessBuilder builder) {
        builder.environment().put("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "false");
        builder.environment().put("KUBECTL_PORT_FORWARD_WEBSOCKETS", "false");
        return builder;
    }

    @Test
    void strangersAreTurnedAway() throws Exception {
        Process curl = new ProcessBuilder(
                        "curl",
                        "-sk",
                        "-o",
                        "/dev/null",
                        "-w",
                        "%{http_code}",
                        "https://127.0.0.1:" + server.getPort() + "/pods")
                .start();
        assertThat(new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("401");
    }

    @Test
    void logs() throws Exception {
        assertThat(run(kubectl("logs", "target"), "").out()).startsWith("begin\n");
        assertThat(run(kubectl("logs", "target", "--timestamps", "--tail=1"), "")
                        .out())
                .matches("(?s)20.*Z .*\n");
        assertThat(run(kubectl("logs", "target", "--limit-bytes=3"), "").out()).isEqualTo("beg");
        assertThat(run(kubectl("logs", "target", "--previous"), "").err()).contains("BadRequest");
    }

    @Test
    void execCarriesStreamsAndExitCode() throws Exception {
        for (boolean plainSpdy : new boolean[] {false, true}) {
            ProcessBuilder exec = kubectl("exec", "-i", "target", "--", "sh", "-c", "cat; echo oops >&2; exit 5");
            Ran ran = run(plainSpdy ? spdy(exec) : exec, "typed");
            assertThat(ran.out()).isEqualTo("typed");
            assertThat(ran.err()).contains("oops", "command terminated with exit code 5");
            assertThat(ran.exitCode()).isEqualTo(5);
        }
    }

    @Test
    void execSucceeds() throws Exception {
        for (boolean plainSpdy : new boolean[] {false, true}) {
            ProcessBuilder exec = kubectl("exec", "target", "--", "echo", "hello");
            Ran ran = run(plainSpdy ? spdy(exec) : exec, "");
            assertThat(ran).isEqualTo(new Ran(0, "hello\n", ""));
        }
    }

    @Test
    void execWithATerminal() throws Exception {
        ProcessBuilder exec = new ProcessBuilder(
                "script",
                "-qec",
                "stty rows 33 cols 99; kubectl --kubeconfig " + admin
                        + " exec -it target -- sh -c 'while ! stty size 2>/dev/null | grep -q 33; do sleep 0.1; done; stty size'",
                "/dev/null");
        exec.environment().put("HOME", dir.toString());
        exec.environment().put("TERM", "xterm");
        Process process = exec.start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("33 99");
    }

    @Test
    void filesAreCopied() throws Exception {
        Path file = dir.resolve("file");
        byte[] content = new byte[3 << 20];
        new Random(1).nextBytes(content);
        Files.write(file, content);
        assertThat(run(kubectl("cp", file.toString(), "target:/tmp/copied"), "").err())
                .isEmpty();
        assertThat(run(kubectl("cp", "target:/tmp/copied", dir.resolve("back").toString()), "")
                        .exitCode())
                .isZero();
        assertThat(Files.readAllBytes(dir.resolve("back"))).isEqualTo(content);
    }

    @Test
    void attachReachesTheProcess() throws Exception {
        Ran ran = run(kubectl("attach", "-i", "target"), "attached\n");
        await().until(() -> run(kubectl("logs", "target"), "").out().contains("got attached"));
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void portsAreForwarded() throws Exception {
        for (boolean plainSpdy : new boolean[] {false, true}) {
            ProcessBuilder forward = kubectl("port-forward", "target", ":8080").redirectErrorStream(true);
            Process process = (plainSpdy ? spdy(forward) : forward).start();
            try {
                String line = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
                int port = Integer.parseInt(line.replaceAll(".*127.0.0.1:(\\d+) .*", "$1"));
                for (int i = 0; i < 3; i++) {
                    try (Socket socket = new Socket("127.0.0.1", port)) {
                        socket.getOutputStream().write("GET /index.html HTTP/1.0\r\n\r\n".getBytes());
                        InputStream in = socket.getInputStream();
                        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                                .contains("over port");
                    }
                }
            } finally {
                process.destroy();
            }
        }
    }

    @Test
    void statsNameThePod() throws Exception {
        Ran ran = run(kubectl("get", "--raw", "/stats/summary"), "");
        assertThat(ran.out()).contains("\"podRef\":{\"name\":\"target\"", "workingSetBytes");
        assertThat(run(kubectl("get", "--raw", "/metrics/resource"), "").out())
                .contains(
                        "container_memory_working_set_bytes{container=\"main\",namespace=\"default\",pod=\"target\"}");
    }

    /** What api-service does in front of a node, as far as kubectl needs it here. */
    private final class ApiPaths extends HttpServlet {

        private final HttpServlet target;

        ApiPaths(HttpServlet target) {
            this.target = target;
        }

        @Override
        public void service(jakarta.servlet.ServletRequest req, jakarta.servlet.ServletResponse res)
                throws jakarta.servlet.ServletException, IOException {
            HttpServletRequest request = (HttpServletRequest) req;
            HttpServletResponse response = (HttpServletResponse) res;
            String path = request.getRequestURI();
            String prefix = "/api/v1/namespaces/default/pods/target";
            switch (path) {
                case "/api" -> json(response, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}");
                case "/apis" -> json(response, "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[]}");
                case "/api/v1" -> json(response, """
                            {"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","singularName":"pod",
                            "namespaced":true,"kind":"Pod","verbs":["get","list"],"shortNames":["po"]}]}""");
                case "/api/v1/namespaces/default/pods/target" ->
                    json(
                            response,
                            new ObjectSerialization()
                                    .asJson(node.pods.get(pod.getMetadata().getUid())));
                default -> {
                    String inner = path.startsWith(prefix)
                            ? switch (path.substring(prefix.length())) {
                                case "/log" -> "/containerLogs/default/target/main";
                                case "/exec" -> "/exec/default/target/main";
                                case "/attach" -> "/attach/default/target/main";
                                default -> "/portForward/default/target";
                            }
                            : path;
                    target.service(
                            new HttpServletRequestWrapper(request) {
                                @Override
                                public String getRequestURI() {
                                    return inner;
                                }

                                @Override
                                public Enumeration<String> getHeaders(String name) {
                                    Enumeration<String> headers = super.getHeaders(name);
                                    return headers == null ? Collections.emptyEnumeration() : headers;
                                }
                            },
                            response);
                }
            }
        }

        private void json(HttpServletResponse response, String body) throws IOException {
            response.setContentType("application/json");
            response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
    }
}
