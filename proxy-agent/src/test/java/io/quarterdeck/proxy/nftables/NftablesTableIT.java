package io.quarterdeck.proxy.nftables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.proxy.rules.Endpoint;
import io.quarterdeck.proxy.rules.Protocol;
import io.quarterdeck.proxy.rules.ServicePortName;
import io.quarterdeck.proxy.rules.ServiceRule;
import io.quarterdeck.proxy.rules.ServiceRule.Destinations;
import io.quarterdeck.proxy.rules.ServiceRule.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Real packets through the kernel: a node and three pods as network namespaces, a server in two of the pods. Needs root,
 * iproute2, nftables and a static busybox.
 */
class NftablesTableIT {

    private static final String NODE = "qd-it-node";
    private static final List<String> PODS = List.of("qd-it-pod1", "qd-it-pod2", "qd-it-pod3");
    private static final String VIP = "10.96.0.77";
    private static final List<Process> servers = new ArrayList<>();

    private final NftablesTable table = new NftablesTable(new InNamespace(), List.of("10.244.0.0/16"));

    /** The library works on this process's namespace, which a test must leave alone. */
    private static final class InNamespace implements NftRunner {
        @Override
        public void run(String script) {
            Result result = execute(script + "\n", "ip", "netns", "exec", NODE, "nft", "-f", "-");
            if (result.code() != 0) {
                throw new NftException(result.output() + "\n" + script);
            }
        }
    }

    private record Result(int code, String output) {}

    @BeforeAll
    static void buildNetwork() {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        for (String program : List.of("ip", "nft", "busybox")) {
            assumeTrue(execute("", "sh", "-c", "command -v " + program).code() == 0, "needs " + program);
        }
        removeNetwork();
        run("ip", "netns", "add", NODE);
        run("ip", "-n", NODE, "link", "set", "lo", "up");
        run("ip", "netns", "exec", NODE, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
        for (int i = 0; i < PODS.size(); i++) {
            String pod = PODS.get(i);
            String inside = "10.244.%d.2".formatted(i + 1);
            String outside = "10.244.%d.1".formatted(i + 1);
            run("ip", "netns", "add", pod);
            run("ip", "-n", NODE, "link", "add", "veth" + i, "type", "veth", "peer", "name", "eth0", "netns", pod);
            run("ip", "-n", NODE, "address", "add", outside + "/24", "dev", "veth" + i);
            run("ip", "-n", NODE, "link", "set", "veth" + i, "up");
            run("ip", "-n", pod, "link", "set", "lo", "up");
            run("ip", "-n", pod, "address", "add", inside + "/24", "dev", "eth0");
            run("ip", "-n", pod, "link", "set", "eth0", "up");
            run("ip", "-n", pod, "route", "add", "default", "via", outside);
        }
        // As on a machine, something leads outside: without a route the kernel refuses before any rule is asked.
        run("ip", "-n", NODE, "route", "add", "default", "dev", "veth2");
        for (String pod : PODS.subList(0, 2)) {
            servers.add(start("ip", "netns", "exec", pod, "busybox", "nc", "-ll", "-p", "8080", "-e", "echo", pod));
        }
        Awaitility.await()
                .until(() -> connect(NODE, "10.244.1.2", 8080).equals(PODS.get(0))
                        && connect(NODE, "10.244.2.2", 8080).equals(PODS.get(1)));
    }

    @AfterAll
    static void removeNetwork() {
        servers.forEach(server -> {
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.destroyForcibly();
        });
        servers.clear();
        execute("", "ip", "netns", "delete", NODE);
        PODS.forEach(pod -> execute("", "ip", "netns", "delete", pod));
    }

    @BeforeEach
    void startFromNothing() {
        table.replaceAll(Map.of());
    }

    @Test
    void aClusterAddressReachesEveryEndpoint() {
        update(service(0, OptionalInt.empty(), "10.244.1.2", "10.244.2.2"));
        assertThat(answersFrom(PODS.get(2), VIP, 80)).containsExactlyInAnyOrder(PODS.get(0), PODS.get(1));
        assertThat(answersFrom(NODE, VIP, 80)).containsExactlyInAnyOrder(PODS.get(0), PODS.get(1));
    }

    @Test
    void aRemovedEndpointGetsNothingAnyMore() {
        update(service(0, OptionalInt.empty(), "10.244.1.2", "10.244.2.2"));
        update(service(0, OptionalInt.empty(), "10.244.2.2"));
        assertThat(answersFrom(PODS.get(2), VIP, 80)).containsExactly(PODS.get(1));
    }

    @Test
    void aServiceWithoutEndpointsRefusesAtOnce() {
        update(service(30080, OptionalInt.empty()));
        assertThat(connect(PODS.get(2), VIP, 80)).isEqualTo("refused");
        assertThat(connect(PODS.get(2), "10.244.3.1", 30080)).isEqualTo("refused");
        assertThat(connect(NODE, VIP, 80)).isEqualTo("refused");
    }

    @Test
    void aPortThatNoServiceHasRefusesAtOnce() {
        update(service(0, OptionalInt.empty(), "10.244.1.2"));
        assertThat(connect(PODS.get(2), VIP, 81)).isEqualTo("refused");
    }

    @Test
    void aPodReachesItselfThroughItsService() {
        update(service(0, OptionalInt.empty(), "10.244.1.2"));
        assertThat(connect(PODS.get(0), VIP, 80)).isEqualTo(PODS.get(0));
    }

    @Test
    void anEndpointThatIsTheNodeLeavesTheNodesOtherTrafficAlone() {
        // Tells whom it sees.
        Process server = start(
                "ip", "netns", "exec", NODE, "busybox", "nc", "-ll", "-p", "8085", "-e", "ss", "-Htn", "sport = :8085");
        try {
            Awaitility.await().until(() -> connect(NODE, "127.0.0.1", 8085).matches("(?s).*127\\.0\\.0\\.1]?:8085.*"));
            update(service(0, OptionalInt.empty(), "10.244.3.1"));
            assertThat(connect(NODE, "10.244.3.1", 8085))
                    .containsPattern("10\\.244\\.3\\.1]?:8085 .*10\\.244\\.3\\.1]?:");
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void aNodePortAnswersOnTheNodesAddresses() {
        update(service(30080, OptionalInt.empty(), "10.244.1.2"));
        assertThat(connect(PODS.get(2), "10.244.3.1", 30080)).isEqualTo(PODS.get(0));
        update(service(30081, OptionalInt.empty(), "10.244.1.2"));
        assertThat(connect(PODS.get(2), "10.244.3.1", 30080)).isEqualTo("refused");
        assertThat(connect(PODS.get(2), "10.244.3.1", 30081)).isEqualTo(PODS.get(0));
    }

    @Test
    void aClientStaysWithItsEndpoint() {
        update(service(0, OptionalInt.of(60), "10.244.1.2", "10.244.2.2"));
        assertThat(answersFrom(PODS.get(2), VIP, 80)).hasSize(1);
    }

    @Test
    void aRemovedServiceLeavesNothingBehind() {
        String before = execute("", "ip", "netns", "exec", NODE, "nft", "list", "table", "ip", NftablesTable.NAME)
                .output();
        ServiceRule rule = service(30080, OptionalInt.of(60), "10.244.1.2", "10.244.2.2");
        update(rule);
        table.update(Map.of(), Set.of(rule.name()));
        ServiceRule other = service(0, OptionalInt.empty());
        update(other);
        table.update(Map.of(), Set.of(other.name()));
        assertThat(execute("", "ip", "netns", "exec", NODE, "nft", "list", "table", "ip", NftablesTable.NAME)
                        .output())
                .isEqualTo(before);
    }

    @Test
    void oneAddressOfTwoPortsStaysWhenOnePortGoes() {
        ServiceRule first = service(0, OptionalInt.empty(), "10.244.1.2");
        ServiceRule second = rule("other", 8443, 0, OptionalInt.empty(), "10.244.2.2");
        update(first);
        update(second);
        table.update(Map.of(), Set.of(second.name()));
        assertThat(connect(PODS.get(2), VIP, 80)).isEqualTo(PODS.get(0));
        assertThat(connect(PODS.get(0), VIP, 80)).isEqualTo(PODS.get(0));
        assertThat(connect(PODS.get(2), VIP, 8443)).isEqualTo("refused");
    }

    private void update(ServiceRule rule) {
        table.update(Map.of(rule.name(), rule), Set.of());
    }

    private static ServiceRule service(int nodePort, OptionalInt affinity, String... endpoints) {
        return rule("web", 80, nodePort, affinity, endpoints);
    }

    private static ServiceRule rule(
            String portName, int port, int nodePort, OptionalInt affinity, String... endpoints) {
        List<Endpoint> targets = List.of(endpoints).stream()
                .map(address -> new Endpoint(address, 8080, true))
                .toList();
        Destinations destinations =
                new Destinations(targets, false, targets.isEmpty() ? Optional.of(Refusal.REJECT) : Optional.empty());
        return new ServiceRule(
                new ServicePortName("default", "web", portName, Protocol.TCP),
                List.of(VIP),
                List.of(),
                port,
                nodePort,
                destinations,
                destinations,
                affinity);
    }

    private static Set<String> answersFrom(String namespace, String address, int port) {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 24; i++) {
            answers.add(connect(namespace, address, port));
        }
        return answers;
    }

    private static String connect(String namespace, String address, int port) {
        Result result = execute(
                "", "ip", "netns", "exec", namespace, "busybox", "nc", "-w", "3", address, Integer.toString(port));
        return result.output().contains("refused") || result.output().contains("unreachable")
                ? "refused"
                : result.output().trim();
    }

    private static void run(String... command) {
        Result result = execute("", command);
        assertThat(result.code())
                .as(String.join(" ", command) + ": " + result.output())
                .isZero();
    }

    private static Process start(String... command) {
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Result execute(String input, String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            return new Result(process.waitFor(), output);
        } catch (IOException failed) {
            return new Result(127, String.valueOf(failed.getMessage()));
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
