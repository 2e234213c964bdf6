package io.quarterdeck.node.identity;

import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.KeyedCertificate;
import io.quarterdeck.pki.Pem;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A certificate, those that lead from it to its authority, and its key. Immutable; its text never shows the key. */
public record NodeCertificate(List<X509Certificate> chain, PrivateKey key) {

    /** Upstream spreads renewals over this part of a certificate's life, so that nodes do not come together. */
    private static final double EARLIEST = 0.7;

    private static final double LATEST = 0.9;

    public NodeCertificate {
        chain = List.copyOf(chain);
    }

    /** @throws IllegalArgumentException when the files hold something else; never quotes them */
    public static NodeCertificate read(Path certificate, Path key) {
        return new NodeCertificate(
                Pem.certificates(CertificateFiles.read(certificate)), Pem.privateKey(CertificateFiles.read(key)));
    }

    static NodeCertificate of(KeyedCertificate keyed) {
        return new NodeCertificate(List.of(keyed.certificate()), keyed.key());
    }

    Instant end() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    boolean ended(Instant now) {
        return !now.isBefore(end());
    }

    /** When it is to be renewed. {@code random} in [0, 1). */
    Instant renewal(double random) {
        Instant from = chain.getFirst().getNotBefore().toInstant();
        Duration life = Duration.between(from, end());
        return from.plusMillis((long) (life.toMillis() * (EARLIEST + random * (LATEST - EARLIEST))));
    }

    @Override
    public String toString() {
        return chain.getFirst().getSubjectX500Principal().getName() + " until " + end();
    }
}
