package io.quarterdeck.api.authn;

import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authorities of one PEM file. A changed file is taken over within a few seconds, so that a rotated authority needs
 * no restart; an unreadable one leaves the former authorities in force. Thread-safe.
 */
final class CertificateBundle {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateBundle.class);
    private static final Duration CHECK_EVERY = Duration.ofSeconds(5);
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private final Path file;
    private final InstantSource clock;
    private volatile State state;

    private record State(Set<TrustAnchor> anchors, FileTime modified, Instant checked, long generation) {}

    CertificateBundle(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
        this.state = new State(anchors(file), modified(), clock.instant(), 0);
    }

    /** Grows when the authorities change; what was verified under another generation must be verified anew. */
    long generation() {
        return current().generation();
    }

    /** Whether the first certificate is a client's and leads to one of the authorities by means of the others. */
    boolean verifies(List<X509Certificate> chain, Instant now) {
        try {
            X509Certificate leaf = chain.getFirst();
            List<String> purposes = leaf.getExtendedKeyUsage();
            if (purposes == null || !purposes.contains(CLIENT_AUTH)) {
                return false;
            }
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(leaf);
            PKIXBuilderParameters parameters =
                    new PKIXBuilderParameters(current().anchors(), target);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathBuilder.getInstance("PKIX").build(parameters);
            return true;
        } catch (GeneralSecurityException notTrusted) {
            return false;
        }
    }

    private State current() {
        State seen = state;
        Instant now = clock.instant();
        if (seen.checked().plus(CHECK_EVERY).isAfter(now)) {
            return seen;
        }
        FileTime modified = modified();
        State next = new State(seen.anchors(), seen.modified(), now, seen.generation());
        if (!modified.equals(seen.modified())) {
            try {
                next = new State(anchors(file), modified, now, seen.generation() + 1);
            } catch (RuntimeException unreadable) {
                LOG.warn("{} changed and cannot be read; its former authorities stay in force", file);
            }
        }
        state = next;
        return next;
    }

    private FileTime modified() {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException absent) {
            return FileTime.fromMillis(0);
        }
    }

    private static Set<TrustAnchor> anchors(Path file) {
        return Pem.certificates(CertificateFiles.read(file)).stream()
                .map(certificate -> new TrustAnchor(certificate, null))
                .collect(Collectors.toUnmodifiableSet());
    }
}
