package io.quarterdeck.node.identity;

import io.quarterdeck.client.Kubeconfig;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Keys;
import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a node that holds nothing but a bootstrap token to an identity and a kubeconfig of its own. Source: Kubernetes
 * documentation, "TLS bootstrapping".
 *
 * @param bootstrap kubeconfig with the token; read anew at each try, so that a new token is heard of
 * @param kubeconfig what is written in the end
 * @param open certificate requests under the identity of a kubeconfig
 */
record Joining(
        Path bootstrap,
        Path kubeconfig,
        Path directory,
        CertificateStore store,
        WantedCertificate wanted,
        Function<Path, SigningRequests> open,
        Patience patience) {

    private static final Logger LOG = LoggerFactory.getLogger(Joining.class);
    private static final String NAME = "default";

    /** Whether there is a kubeconfig whose identity still holds. */
    static boolean done(Path kubeconfig, Instant now) {
        if (!Files.exists(kubeconfig)) {
            return false;
        }
        try {
            Map<String, Object> user = Kubeconfig.read(kubeconfig).user();
            List<X509Certificate> certificates;
            if (user.get("client-certificate-data") instanceof String data) {
                certificates = Pem.certificates(new String(Base64.getDecoder().decode(data)));
            } else if (user.get("client-certificate") instanceof String file) {
                certificates = Pem.certificates(
                        CertificateFiles.read(kubeconfig.toAbsolutePath().resolveSibling(file)));
            } else {
                return !user.isEmpty();
            }
            return certificates.stream()
                    .allMatch(one -> now.isBefore(one.getNotAfter().toInstant()));
        } catch (IllegalArgumentException | UncheckedIOException unusable) {
            return false;
        }
    }

    /** Returns when the node has joined, however long that takes. */
    void join() throws InterruptedException {
        patience.until("This node cannot join the cluster", this::words, () -> {
            attempt();
            return true;
        });
    }

    private void attempt() throws NotIssuedException, InterruptedException {
        Kubeconfig cluster = Kubeconfig.read(bootstrap);
        KeyPair keys = keys();
        try (SigningRequests requests = open.apply(bootstrap)) {
            String chain = patience.issued(requests, wanted.requestOnce(keys));
            NodeCertificate certificate = store.replace(chain, keys, patience.now());
            String current = store.currentPath().toString();
            new Kubeconfig(
                            NAME,
                            cluster.server(),
                            cluster.authorityPem(),
                            Map.of("client-certificate", current, "client-key", current))
                    .write(kubeconfig);
            LOG.info("Joined the cluster at {} as {}", cluster.server(), certificate);
        }
        try {
            Files.deleteIfExists(keyFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A key that outlives a crash between request and answer. */
    private KeyPair keys() {
        if (Files.exists(keyFile())) {
            try {
                return Pem.keyPair(CertificateFiles.read(keyFile()));
            } catch (IllegalArgumentException unreadable) {
                LOG.warn("{} is no key; a new one is made", keyFile());
            }
        }
        KeyPair keys = Keys.ellipticCurve();
        CertificateFiles.privateDirectory(directory);
        CertificateFiles.writeSecret(keyFile(), Pem.encodeForClients(keys.getPrivate()) + Pem.encode(keys.getPublic()));
        return keys;
    }

    private Path keyFile() {
        return directory.resolve("kubelet-client.key.tmp");
    }

    private String words(StatusException refusal) {
        return switch (refusal.code()) {
            case 401 ->
                "the API server does not accept the token in %s: it is wrong, expired or deleted; put a valid one there"
                        .formatted(bootstrap);
            case 403 ->
                "%s; bind the token's group to the ClusterRole system:node-bootstrapper".formatted(refusal.text());
            default -> refusal.text();
        };
    }
}
