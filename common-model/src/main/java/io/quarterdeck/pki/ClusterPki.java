package io.quarterdeck.pki;

import io.quarterdeck.pki.CertificateProfile.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * The key material of a cluster in one directory, under kubeadm's file names. Whatever is missing is made, whatever no
 * longer serves is made anew under the same authority; authorities themselves are never replaced. Immutable once
 * ensured; {@link #ensure} must not run twice at once on one directory.
 *
 * <p>Source: Kubernetes documentation, "PKI certificates and requirements".
 */
public final class ClusterPki {

    private static final Duration RENEW_BEFORE = Duration.ofDays(60);

    private final Path directory;
    private final CertificateAuthority ca;
    private final CertificateAuthority frontProxyCa;
    private final KeyPair serviceAccountKeys;
    private final Instant now;

    private ClusterPki(
            Path directory,
            CertificateAuthority ca,
            CertificateAuthority frontProxyCa,
            KeyPair serviceAccountKeys,
            Instant now) {
        this.directory = directory;
        this.ca = ca;
        this.frontProxyCa = frontProxyCa;
        this.serviceAccountKeys = serviceAccountKeys;
        this.now = now;
    }

    /**
     * Makes the directory complete: {@code ca}, {@code front-proxy-ca}, {@code sa}, {@code apiserver}, {@code
     * apiserver-kubelet-client} and {@code front-proxy-client}. Idempotent.
     *
     * @param apiServerAddresses further DNS names and IP addresses of the API server, beside those that it always has
     * @param serviceAddress the first address of the service range, under which pods reach the API
     * @throws IllegalArgumentException when a file holds no key or certificate
     * @throws UncheckedIOException when the directory cannot be read or written
     */
    public static ClusterPki ensure(
            Path directory, List<String> apiServerAddresses, String serviceAddress, String clusterDomain, Instant now) {
        CertificateFiles.privateDirectory(directory);
        ClusterPki pki = new ClusterPki(
                directory,
                authority(directory, "ca", "kubernetes", now),
                authority(directory, "front-proxy-ca", "front-proxy-ca", now),
                serviceAccountKeys(directory),
                now);
        List<String> names = new ArrayList<>(List.of(
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc." + clusterDomain,
                "localhost",
                "127.0.0.1",
                "::1",
                serviceAddress));
        names.addAll(apiServerAddresses);
        pki.issue("apiserver", CertificateProfile.server("kube-apiserver", names));
        pki.issue(
                "apiserver-kubelet-client",
                CertificateProfile.client("kube-apiserver-kubelet-client", "system:masters"));
        pki.issueUnder(pki.frontProxyCa, "front-proxy-client", CertificateProfile.client("front-proxy-client"));
        return pki;
    }

    public Path directory() {
        return directory;
    }

    public CertificateAuthority ca() {
        return ca;
    }

    public CertificateAuthority frontProxyCa() {
        return frontProxyCa;
    }

    /** Signs and verifies service-account tokens. */
    public KeyPair serviceAccountKeys() {
        return serviceAccountKeys;
    }

    public Path certificateFile(String name) {
        return directory.resolve(name + ".crt");
    }

    public Path keyFile(String name) {
        return directory.resolve(name + ".key");
    }

    /**
     * The certificate kept in {@code <name>.crt} and {@code .key}; issued by the cluster's authority when there is none,
     * when it ends within 60 days, or when it says anything else than the profile.
     */
    public KeyedCertificate issue(String name, CertificateProfile profile) {
        return issueUnder(ca, name, profile);
    }

    private KeyedCertificate issueUnder(CertificateAuthority authority, String name, CertificateProfile profile) {
        Optional<KeyedCertificate> kept = read(directory, name);
        if (kept.isPresent() && serves(kept.get().certificate(), profile, authority)) {
            return kept.get();
        }
        KeyedCertificate issued = authority.issue(profile, now);
        store(directory, name, issued);
        return issued;
    }

    private boolean serves(X509Certificate certificate, CertificateProfile profile, CertificateAuthority authority) {
        try {
            certificate.verify(authority.certificate().getPublicKey());
        } catch (GeneralSecurityException otherAuthority) {
            return false;
        }
        X500Name subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        Set<String> groups = Arrays.stream(subject.getRDNs(BCStyle.O))
                .map(rdn -> IETFUtils.valueToString(rdn.getFirst().getValue()))
                .collect(Collectors.toSet());
        String commonName = IETFUtils.valueToString(
                subject.getRDNs(BCStyle.CN)[0].getFirst().getValue());
        return certificate.getNotAfter().toInstant().isAfter(now.plus(RENEW_BEFORE))
                && commonName.equals(profile.commonName())
                && groups.equals(Set.copyOf(profile.organizations()))
                && usages(certificate).equals(profile.usages())
                && CertificateFiles.addresses(certificate).containsAll(canonical(profile.addresses()));
    }

    private static Set<Usage> usages(X509Certificate certificate) {
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            return purposes == null
                    ? Set.of()
                    : purposes.stream()
                            .map(purpose -> purpose.equals("1.3.6.1.5.5.7.3.1") ? Usage.SERVER : Usage.CLIENT)
                            .collect(Collectors.toSet());
        } catch (CertificateParsingException malformed) {
            return Set.of();
        }
    }

    /** Addresses in the form in which a parsed certificate shows them: IPv6 written out. */
    private static Set<String> canonical(List<String> addresses) {
        return addresses.stream().map(ClusterPki::canonical).collect(Collectors.toSet());
    }

    private static String canonical(String address) {
        if (!CertificateFiles.isIpAddress(address)) {
            return address;
        }
        try {
            return InetAddress.getByName(address).getHostAddress();
        } catch (UnknownHostException notAnAddress) {
            return address;
        }
    }

    private static CertificateAuthority authority(Path directory, String name, String commonName, Instant now) {
        Optional<KeyedCertificate> kept = read(directory, name);
        if (kept.isPresent()) {
            return new CertificateAuthority(kept.get());
        }
        CertificateAuthority created = CertificateAuthority.create(commonName, now);
        store(directory, name, created.keyed());
        return created;
    }

    private static KeyPair serviceAccountKeys(Path directory) {
        Path privateFile = directory.resolve("sa.key");
        Path publicFile = directory.resolve("sa.pub");
        KeyPair keys;
        if (Files.exists(privateFile)) {
            keys = Pem.keyPair(CertificateFiles.read(privateFile));
        } else {
            keys = Keys.rsa();
            CertificateFiles.writeSecret(privateFile, Pem.encode(keys.getPrivate()));
            CertificateFiles.writePublic(publicFile, Pem.encode(keys.getPublic()));
        }
        if (!Files.exists(publicFile)) {
            CertificateFiles.writePublic(publicFile, Pem.encode(keys.getPublic()));
        }
        return keys;
    }

    private static Optional<KeyedCertificate> read(Path directory, String name) {
        Path certificate = directory.resolve(name + ".crt");
        Path key = directory.resolve(name + ".key");
        if (!Files.exists(certificate) || !Files.exists(key)) {
            return Optional.empty();
        }
        return Optional.of(new KeyedCertificate(
                Pem.certificate(CertificateFiles.read(certificate)), Pem.privateKey(CertificateFiles.read(key))));
    }

    /** The key first: a certificate whose key is missing counts as absent, the other way round never happens. */
    private static void store(Path directory, String name, KeyedCertificate keyed) {
        Path certificate = directory.resolve(name + ".crt");
        try {
            Files.deleteIfExists(certificate);
        } catch (IOException e) {
            throw new UncheckedIOException("replacing " + certificate, e);
        }
        CertificateFiles.writeSecret(directory.resolve(name + ".key"), keyed.keyPem());
        CertificateFiles.writePublic(certificate, keyed.certificatePem());
    }
}
