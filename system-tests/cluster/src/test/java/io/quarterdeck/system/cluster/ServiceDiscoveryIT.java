package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A pod finds a Service by its name, and by variables when it is younger than the Service. */
@Tag("docker")
class ServiceDiscoveryIT {
    private static Instance cluster;

    @BeforeAll
    static void start() {
        cluster = Cluster.shared();
        Cluster.namespace("discovery");
        kubectl("run older --image=" + Cluster.V1).good();
        kubectl("wait pod/older --for=condition=Ready --timeout=90s").good();
        kubectl("create deployment web --image=" + Cluster.V1).good();
        kubectl("expose deployment web --port=80").good();
        kubectl("rollout status deployment/web --timeout=90s").good();
        kubectl("run younger --image=" + Cluster.V1).good();
        kubectl("wait pod/younger --for=condition=Ready --timeout=90s").good();
    }

    private static Commands.Result kubectl(String arguments) {
        return cluster.kubectl("-n discovery " + arguments);
    }

    private static void reaches(String pod, String address) {
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(
                        () -> assertThat(kubectl("exec " + pod + " -- sh -c 'curl -sS --max-time 5 " + address + "'")
                                        .good())
                                .isEqualTo("v1\n"));
    }

    @Test
    void byNameFromBothPods() {
        reaches("older", "http://web");
        reaches("younger", "http://web.discovery.svc.cluster.local");
    }

    @Test
    void byVariablesFromTheYoungerPod() {
        reaches("younger", "http://$WEB_SERVICE_HOST:$WEB_SERVICE_PORT");
        assertThat(kubectl("exec younger -- env").good())
                .contains(
                        "WEB_PORT=tcp://",
                        "WEB_PORT_80_TCP=",
                        "WEB_PORT_80_TCP_PROTO=tcp",
                        "WEB_PORT_80_TCP_PORT=80",
                        "WEB_PORT_80_TCP_ADDR=");
        assertThat(kubectl("exec older -- env").good()).doesNotContain("WEB_SERVICE_HOST");
    }

    @Test
    void aReplicationControllerOf2015StillWorks() {
        cluster.kubectl("""
                kind: ReplicationController
                apiVersion: v1
                metadata: {name: frontend, namespace: discovery}
                spec:
                  replicas: 2
                  selector: {name: frontend}
                  template:
                    metadata: {labels: {name: frontend}}
                    spec:
                      containers: [{name: web, image: "quarterdeck-test/web:v1", ports: [{containerPort: 80}]}]
                ---
                kind: Service
                apiVersion: v1
                metadata: {name: frontend, namespace: discovery}
                spec: {ports: [{port: 8080, targetPort: 80}], selector: {name: frontend}}
                """, Duration.ofMinutes(1), "create -f -").good();
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(kubectl("get rc frontend -o jsonpath={.status.readyReplicas}")
                                .good())
                        .isEqualTo("2"));
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(
                        () -> assertThat(kubectl("get endpoints frontend -o jsonpath={.subsets[*].addresses[*].ip}")
                                        .good()
                                        .split(" "))
                                .hasSize(2));
        reaches("older", "http://frontend:8080");
    }
}
