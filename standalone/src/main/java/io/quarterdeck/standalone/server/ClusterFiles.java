package io.quarterdeck.standalone.server;

import io.quarterdeck.embedded.kafka.KafkaSettings;
import io.quarterdeck.embedded.postgres.PostgresSettings;
import io.quarterdeck.pki.ClusterPki;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.PortPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Keys, certificates and one kubeconfig for each identity, made at the first start and completed at every other. */
final class ClusterFiles {
    static final String SERVICE_ADDRESS = "10.96.0.1";
    static final String CLUSTER_DOMAIN = "cluster.local";

    private final Instance instance;
    private final ClusterPki pki;

    private ClusterFiles(Instance instance, ClusterPki pki) {
        this.instance = instance;
        this.pki = pki;
    }

    /** @param nodeName also in the API server's certificate, since that is where clients on the network find it */
    static ClusterFiles ensure(
            Instance instance, PortPlan ports, String nodeName, List<String> nodeAddresses, Instant now) {
        List<String> apiAddresses = new ArrayList<>(nodeAddresses);
        apiAddresses.add(nodeName);
        var files = new ClusterFiles(
                instance, ClusterPki.ensure(instance.pki(), apiAddresses, SERVICE_ADDRESS, CLUSTER_DOMAIN, now));
        var identities = new Identities(files.pki, "https://127.0.0.1:" + ports.api());
        identities.kubelet(nodeName, "kubelet", nodeAddresses);
        List.of("postgres", "kafka", "dashboard").forEach(identities::local);
        identities.controlPlane(instance.kubeconfigs());
        identities.node(nodeName, "node", instance.kubeconfig("node"));
        return files;
    }

    PostgresSettings.Tls postgresTls() {
        return new PostgresSettings.Tls(
                pki.certificateFile("postgres"), pki.keyFile("postgres"), pki.certificateFile("ca"));
    }

    KafkaSettings.Tls kafkaTls() {
        return new KafkaSettings.Tls(pki.certificateFile("kafka"), pki.keyFile("kafka"), pki.certificateFile("ca"));
    }

    ClusterPki pki() {
        return pki;
    }
}
