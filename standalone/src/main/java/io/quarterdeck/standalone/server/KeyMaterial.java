package io.quarterdeck.standalone.server;

import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.ClusterPki;
import io.quarterdeck.pki.KeyedCertificate;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * All keys, certificates and kubeconfigs of a cluster whose parts run apart, in one directory: {@code pki} under kubeadm's
 * names, {@code kubeconfigs} for the control plane, {@code nodes/NAME} with what belongs on that node.
 */
public final class KeyMaterial {
    private KeyMaterial() {}

    /**
     * Makes what is missing and renews what ends. Idempotent.
     *
     * @param server the API's address, whose host is in the API server's certificate
     * @param addresses more names and addresses of the API server
     * @param nodes names, under which nodes are reached too
     */
    public static void write(Path directory, URI server, List<String> addresses, List<String> nodes, Instant now) {
        List<String> names = new ArrayList<>(addresses);
        names.add(server.getHost());
        ClusterPki pki = ClusterPki.ensure(
                directory.resolve("pki"), names, ClusterFiles.SERVICE_ADDRESS, ClusterFiles.CLUSTER_DOMAIN, now);
        var identities = new Identities(pki, server.toString());
        Path kubeconfigs = directory.resolve("kubeconfigs");
        CertificateFiles.privateDirectory(kubeconfigs);
        identities.controlPlane(kubeconfigs);
        identities.local("postgres");
        identities.local("kafka");
        for (String node : nodes) {
            Path own = directory.resolve("nodes").resolve(node);
            CertificateFiles.privateDirectory(directory.resolve("nodes"));
            CertificateFiles.privateDirectory(own);
            KeyedCertificate kubelet = identities.kubelet(node, "kubelet-" + node, List.of());
            CertificateFiles.writePublic(own.resolve("ca.crt"), pki.ca().certificatePem());
            CertificateFiles.writePublic(own.resolve("kubelet.crt"), kubelet.certificatePem());
            CertificateFiles.writeSecret(own.resolve("kubelet.key"), kubelet.keyPem());
            identities.node(node, "node-" + node, own.resolve("node.kubeconfig"));
        }
    }
}
