package io.quarterdeck.pki;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a certificate is to say.
 *
 * @param commonName the user name of a client, or a server's name
 * @param organizations the groups of a client
 * @param addresses DNS names and IP addresses under which a server is reached; empty for a pure client
 */
public record CertificateProfile(
        String commonName, List<String> organizations, List<String> addresses, Set<Usage> usages, Duration lifetime) {

    /** One year, as kubeadm issues. */
    public static final Duration LIFETIME = Duration.ofDays(365);

    /** What a certificate is for; every certificate of a profile is for signatures and key encipherment besides. */
    public enum Usage {
        SERVER,
        CLIENT,
        DIGITAL_SIGNATURE,
        KEY_ENCIPHERMENT
    }

    public CertificateProfile {
        organizations = List.copyOf(organizations);
        addresses = addresses.stream().distinct().toList();
        usages = Set.copyOf(usages);
    }

    public static CertificateProfile client(String commonName, String... organizations) {
        return new CertificateProfile(commonName, List.of(organizations), List.of(), Set.of(Usage.CLIENT), LIFETIME);
    }

    public static CertificateProfile server(String commonName, List<String> addresses) {
        return new CertificateProfile(commonName, List.of(), addresses, Set.of(Usage.SERVER), LIFETIME);
    }

    public CertificateProfile inOrganizations(String... names) {
        return new CertificateProfile(commonName, List.of(names), addresses, usages, lifetime);
    }
}
