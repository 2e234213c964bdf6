package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.system.harness.Instance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The last of the tests on the shared cluster: after {@code reset} the machine is as it was before {@code up}. */
@Tag("docker")
@Order(Integer.MAX_VALUE)
class ResetIT {
    @Test
    void leavesNoTrace() {
        Instance cluster = Cluster.shared();
        cluster.kubectl("create namespace traces").good();
        cluster.kubectl("""
                apiVersion: v1
                kind: Pod
                metadata: {name: traces, namespace: traces, labels: {app: traces}}
                spec:
                  containers:
                  - name: web
                    image: %s
                    ports: [{containerPort: 80, hostPort: 28080}]
                    volumeMounts: [{name: memory, mountPath: /memory}]
                  volumes: [{name: memory, emptyDir: {medium: Memory}}]
                """.formatted(Cluster.V1), Duration.ofMinutes(1), "create -f -")
                .good();
        cluster.kubectl("-n traces expose pod traces --port=80 --type=NodePort").good();
        cluster.kubectl("-n traces wait pod/traces --for=condition=Ready --timeout=120s")
                .good();
        Set<String> running = traces(cluster);
        assertThat(running).as("what a running cluster leaves on the machine").hasSizeGreaterThan(6);

        Cluster.reset();

        running.removeAll(Cluster.before());
        Set<String> left = traces(cluster);
        left.retainAll(running);
        assertThat(left).isEmpty();
        assertThat(cluster.data()).doesNotExist();
        Path kubeconfig = cluster.home().resolve("kubeconfig");
        if (Files.exists(kubeconfig)) {
            assertThat(kubeconfig).content().doesNotContain("quarterdeck");
        }
    }

    /** Containers, interfaces, addresses, mounts, rules and files of the machine, one line each. */
    static Set<String> traces(Instance instance) {
        Set<String> traces = new TreeSet<>();
        for (String command : List.of(
                "docker ps -aq",
                "docker images --format {{.Repository}}:{{.Tag}} quarterdeck/pause",
                "ip -o link show | cut -d: -f2",
                "ip -o address show dev lo | tr -s ' ' | cut -d' ' -f2-4",
                "ip route show",
                "cut -d' ' -f2 /proc/mounts",
                "nft list tables",
                "iptables-save | grep '^[:-]' | sed 's/\\[.*//' ",
                "ls -d /run/quarterdeck* /run/quarterdeck/*")) {
            instance.commands()
                    .run(Duration.ofMinutes(1), "", List.of("sh", "-c", command + " 2>/dev/null"))
                    .out()
                    .lines()
                    .map(line -> command.substring(0, command.indexOf(' ')) + ": " + line.strip())
                    .forEach(traces::add);
        }
        return traces;
    }
}
