package io.quarterdeck.api.authn;

import io.quarterdeck.api.settings.FileBacked;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The authorities of one PEM file. A changed file is taken over within a few seconds, so that a rotated authority needs
 * no restart; an unreadable one leaves the former authorities in force. Thread-safe.
 */
final class CertificateBundle {

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private final FileBacked<Set<TrustAnchor>> authorities;

    CertificateBundle(Path file, InstantSource clock) {
        this.authorities = new FileBacked<>(file.toString(), List.of(file), () -> anchors(file), clock);
    }

    /** Grows when the authorities change; what was verified under another generation must be verified anew. */
    long generation() {
        return authorities.current().generation();
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
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(authorities.get(), target);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathBuilder.getInstance("PKIX").build(parameters);
            return true;
        } catch (GeneralSecurityException notTrusted) {
            return false;
        }
    }

    private static Set<TrustAnchor> anchors(Path file) {
        return Pem.certificates(CertificateFiles.read(file)).stream()
                .map(certificate -> new TrustAnchor(certificate, null))
                .collect(Collectors.toUnmodifiableSet());
    }
}
