package io.quarterdeck.node.identity;

import io.quarterdeck.pki.CertificateAuthority;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The certificate of the node's port, signed by the cluster once somebody has approved it, and renewed. Until then one
 * that nobody believes keeps the port's place. Thread-safe.
 */
public final class ServingCertificate implements AutoCloseable {

    private final CertificateRotation rotation;
    private volatile NodeCertificate current;
    private volatile Runnable changed = () -> {};

    ServingCertificate(
            CertificateStore store, WantedCertificate wanted, Supplier<SigningRequests> requests, Patience patience) {
        this.current = store.current()
                .orElseGet(() -> NodeCertificate.of(
                        CertificateAuthority.create("nobody", patience.now()).issue(wanted.profile(), patience.now())));
        this.rotation =
                new CertificateRotation(store, wanted, requests, this::replace, RandomGenerator.getDefault(), patience);
    }

    public NodeCertificate current() {
        return current;
    }

    /** @param whenChanged run after each change of {@link #current} */
    public void start(Runnable whenChanged) {
        changed = whenChanged;
        rotation.start();
    }

    private void replace(NodeCertificate certificate) {
        current = certificate;
        changed.run();
    }

    @Override
    public void close() {
        rotation.close();
    }
}
