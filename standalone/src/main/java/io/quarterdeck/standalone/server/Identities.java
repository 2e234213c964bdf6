package io.quarterdeck.standalone.server;

import io.quarterdeck.client.Kubeconfig;
import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.ClusterPki;
import io.quarterdeck.pki.KeyedCertificate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who speaks to the API, each with a certificate and a kubeconfig of its own (Kubernetes, "PKI certificates and requirements"). */
final class Identities {
    private static final Map<String, CertificateProfile> CONTROL_PLANE = Map.of(
            "admin", CertificateProfile.client("kubernetes-admin", "system:masters"),
            "controller-manager", CertificateProfile.client("system:kube-controller-manager"),
            "scheduler", CertificateProfile.client("system:kube-scheduler"),
            "proxy", CertificateProfile.client("system:kube-proxy"));
    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1");

    private final ClusterPki pki;
    private final String server;

    /** @param server the API's address in the kubeconfigs */
    Identities(ClusterPki pki, String server) {
        this.pki = pki;
        this.server = server;
    }

    /** The administrator, the controllers, the scheduler and the proxies: {@code <directory>/<identity>.kubeconfig}. */
    void controlPlane(Path directory) {
        CONTROL_PLANE.forEach((identity, profile) ->
                kubeconfig(pki.issue(identity, profile), directory.resolve(identity + ".kubeconfig")));
    }

    /** A node as a client of the API, its certificate kept under {@code name}. */
    void node(String node, String name, Path kubeconfig) {
        kubeconfig(pki.issue(name, CertificateProfile.client("system:node:" + node, "system:nodes")), kubeconfig);
    }

    /** A node as a server, its certificate kept under {@code name}. */
    KeyedCertificate kubelet(String node, String name, List<String> addresses) {
        List<String> all = new ArrayList<>(addresses);
        all.add(node);
        all.addAll(LOOPBACK);
        return pki.issue(name, CertificateProfile.server("system:node:" + node, all));
    }

    /** A server that only this machine reaches. */
    void local(String name) {
        pki.issue(name, CertificateProfile.server(name, LOOPBACK));
    }

    private void kubeconfig(KeyedCertificate certificate, Path file) {
        Kubeconfig.withCertificate("quarterdeck", server, pki.ca().certificatePem(), certificate)
                .write(file);
    }
}
