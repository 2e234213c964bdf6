package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What happens when something dies: a container, a pod, the whole product. */
@Tag("docker")
class RecoveryIT {
    private static Instance cluster;

    @BeforeAll
    static void start() {
        cluster = Cluster.shared();
        Cluster.namespace("recovery");
        kubectl("create deployment web --image=" + Cluster.V1 + " --replicas=2").good();
        kubectl("rollout status deployment/web --timeout=90s").good();
    }

    private static Commands.Result kubectl(String arguments) {
        return cluster.kubectl("-n recovery " + arguments);
    }

    private static String ofPod(String pod, String path) {
        return kubectl("get pod " + pod + " -o jsonpath={" + path + "}").good();
    }

    private static String firstPod() {
        return kubectl("get pods -l app=web -o jsonpath={.items[0].metadata.name}")
                .good();
    }

    private static Commands.Result docker(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return cluster.commands().run(Duration.ofMinutes(1), "", command);
    }

    @Test
    void aKilledContainerIsRestartedInItsPod() {
        String pod = firstPod();
        String uid = ofPod(pod, ".metadata.uid");
        String ip = ofPod(pod, ".status.podIP");
        String restarts = ofPod(pod, ".status.containerStatuses[0].restartCount");
        String container =
                ofPod(pod, ".status.containerStatuses[0].containerID").replace("docker://", "");
        docker("kill", container).good();
        await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            assertThat(ofPod(pod, ".status.containerStatuses[0].restartCount"))
                    .isEqualTo(Integer.toString(Integer.parseInt(restarts) + 1));
            assertThat(ofPod(pod, ".status.containerStatuses[0].ready")).isEqualTo("true");
        });
        assertThat(ofPod(pod, ".metadata.uid")).isEqualTo(uid);
        assertThat(ofPod(pod, ".status.podIP")).isEqualTo(ip);
    }

    @Test
    void aDeletedPodIsReplaced() {
        String pod = firstPod();
        kubectl("delete pod " + pod + " --timeout=60s").good();
        await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            assertThat(kubectl("get deployment web -o jsonpath={.status.readyReplicas}")
                            .good())
                    .isEqualTo("2");
            assertThat(kubectl("get pods -o name").good()).doesNotContain(pod);
        });
    }

    @Test
    void containersOutliveAKilledProduct() throws Exception {
        kubectl("rollout status deployment/web --timeout=90s").good();
        String before = kubectl("get pods -o jsonpath={.items[*].status.containerStatuses[*].containerID}")
                .good();
        String uids = kubectl("get pods -o jsonpath={.items[*].metadata.uid}").good();
        cluster.kill();
        Commands.Result left = docker("ps", "-q", "--filter", "label=io.kubernetes.pod.namespace=recovery");
        cluster.up().good();
        assertThat(left.good().lines())
                .as("containers of the recovery namespace, sandboxes included, while nothing manages them")
                .hasSizeGreaterThanOrEqualTo(4);
        assertThat(kubectl("get pods -o jsonpath={.items[*].metadata.uid}").good())
                .isEqualTo(uids);
        kubectl("scale deployment web --replicas=3").good();
        kubectl("rollout status deployment/web --timeout=90s").good();
        assertThat(kubectl("get pods -o jsonpath={.items[*].status.containerStatuses[*].containerID}")
                        .good()
                        .split(" "))
                .contains(before.split(" "));
        kubectl("scale deployment web --replicas=2").good();
    }

    @Test
    void downLeavesContainersAndUpAdoptsThem() {
        kubectl("rollout status deployment/web --timeout=90s").good();
        String restarts = kubectl("get pods -o jsonpath={.items[*].status.containerStatuses[*].restartCount}")
                .good();
        cluster.quarterdeck("down").good();
        Commands.Result left = docker("ps", "-q", "--filter", "label=io.kubernetes.pod.namespace=recovery");
        cluster.up().good();
        assertThat(left.good().lines()).hasSizeGreaterThanOrEqualTo(4);
        assertThat(kubectl("get pods -o jsonpath={.items[*].status.containerStatuses[*].restartCount}")
                        .good())
                .isEqualTo(restarts);
    }
}
