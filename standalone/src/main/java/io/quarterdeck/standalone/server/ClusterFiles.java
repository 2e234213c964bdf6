package io.quarterdeck.standalone.server;

import io.quarterdeck.client.Kubeconfig;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import io.quarterdeck.embedded.postgres.PostgresSettings;
import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.ClusterPki;
import io.quarterdeck.pki.KeyedCertificate;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.PortPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Keys, certificates and one kubeconfig for each identity, made at the first start and completed at every other. */
final class ClusterFiles {
    static final String SERVICE_ADDRESS = "10.96.0.1";
    static final String CLUSTER_DOMAIN = "cluster.local";

    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1");

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
        List<String> nodeNames = new ArrayList<>(apiAddresses);
        nodeNames.addAll(LOOPBACK);
        files.pki.issue("kubelet", CertificateProfile.server("system:node:" + nodeName, nodeNames));
        files.pki.issue("postgres", CertificateProfile.server("postgres", LOOPBACK));
        files.pki.issue("dashboard", CertificateProfile.server("dashboard", LOOPBACK));
        files.pki.issue("kafka", CertificateProfile.server("kafka", LOOPBACK));
        Map.of(
                        "admin", CertificateProfile.client("kubernetes-admin", "system:masters"),
                        "controller-manager", CertificateProfile.client("system:kube-controller-manager"),
                        "scheduler", CertificateProfile.client("system:kube-scheduler"),
                        "node", CertificateProfile.client("system:node:" + nodeName, "system:nodes"),
                        "proxy", CertificateProfile.client("system:kube-proxy"))
                .forEach((identity, profile) -> files.kubeconfig(identity, profile, ports.api()));
        return files;
    }

    private void kubeconfig(String identity, CertificateProfile profile, int port) {
        KeyedCertificate certificate = pki.issue(identity, profile);
        Kubeconfig.withCertificate(
                        "quarterdeck", "https://127.0.0.1:" + port, pki.ca().certificatePem(), certificate)
                .write(instance.kubeconfig(identity));
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
