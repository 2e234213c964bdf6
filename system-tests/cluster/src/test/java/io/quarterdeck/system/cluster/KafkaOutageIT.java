package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.tools.attach.VirtualMachine;
import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import java.time.Duration;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The broker goes away and comes back: nothing waits for it, nothing is lost or doubled. */
@Tag("docker")
class KafkaOutageIT {
    private static Instance cluster;

    @BeforeAll
    static void start() {
        cluster = Cluster.shared();
        Cluster.namespace("outage");
    }

    private static Commands.Result kubectl(String arguments) {
        return cluster.kubectl("-n outage " + arguments);
    }

    private static void kafka(String operation) throws Exception {
        VirtualMachine jvm = VirtualMachine.attach(cluster.state("pid").orElseThrow());
        try (var connector = JMXConnectorFactory.connect(new JMXServiceURL(jvm.startLocalManagementAgent()))) {
            connector
                    .getMBeanServerConnection()
                    .invoke(new ObjectName("io.quarterdeck:type=Kafka"), operation, new Object[0], new String[0]);
        } finally {
            jvm.detach();
        }
    }

    private static void replicas(String deployment, int count) {
        await().atMost(Duration.ofSeconds(120)).untilAsserted(() -> {
            assertThat(kubectl("get deployment " + deployment + " -o jsonpath={.status.readyReplicas}")
                            .good())
                    .isEqualTo(Integer.toString(count));
            assertThat(kubectl("get pods -l app=" + deployment + " -o name")
                            .good()
                            .lines())
                    .hasSize(count);
        });
    }

    @Test
    void theClusterGoesOnWithoutItsBroker() throws Exception {
        kubectl("create deployment before --image=" + Cluster.V1 + " --replicas=1")
                .good();
        replicas("before", 1);
        kafka("pause");
        try {
            kubectl("create deployment during --image=" + Cluster.V1 + " --replicas=2")
                    .good();
            replicas("during", 2);
            kubectl("scale deployment before --replicas=2").good();
            replicas("before", 2);
        } finally {
            kafka("resume");
        }
        kubectl("create deployment after --image=" + Cluster.V1 + " --replicas=1")
                .good();
        replicas("after", 1);
        kubectl("scale deployment during --replicas=1").good();
        replicas("during", 1);
        assertThat(kubectl("get replicasets -o jsonpath={.items[*].metadata.ownerReferences[*].name}")
                        .good()
                        .split(" "))
                .as("one replica set for each deployment, none doubled")
                .containsExactlyInAnyOrder("before", "during", "after");
        assertThat(kubectl("get pods -o name").good().lines().collect(Collectors.toSet()))
                .hasSize(4);
    }
}
