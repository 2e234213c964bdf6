package io.quarterdeck.api.authn;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * The client certificate names the user (common name) and the groups (organizations). Verified here and not in the
 * handshake, so that a certificate of an unknown authority is a 401 and not a broken connection. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "X.509 client certificates".
 */
final class X509Authenticator implements Authenticator {

    private static final String CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";
    private static final ASN1ObjectIdentifier UID = new ASN1ObjectIdentifier("1.3.6.1.4.1.57683.2");

    private final CertificateBundle authorities;
    private final InstantSource clock;

    /** Verifying a chain costs far more than a request; a connection shows the same certificate with each. */
    private final Cache<X509Certificate, Verified> verified =
            Caffeine.newBuilder().maximumSize(10_000).build();

    private record Verified(User user, long generation, Instant until) {}

    X509Authenticator(CertificateBundle authorities, InstantSource clock) {
        this.authorities = authorities;
        this.clock = clock;
    }

    @Override
    public Optional<User> authenticate(Credentials credentials) {
        if (credentials.certificates().isEmpty()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        X509Certificate leaf = credentials.certificates().getFirst();
        long generation = authorities.generation();
        Verified known = verified.getIfPresent(leaf);
        if (known != null && known.generation() == generation && known.until().isAfter(now)) {
            return Optional.of(known.user());
        }
        if (!authorities.verifies(credentials.certificates(), now)) {
            return Optional.empty();
        }
        Optional<User> user = userOf(leaf);
        // The chain may end before the leaf does: trust what was verified for a minute.
        Instant until = now.plusSeconds(60);
        Instant end = leaf.getNotAfter().toInstant();
        user.ifPresent(found -> verified.put(leaf, new Verified(found, generation, end.isBefore(until) ? end : until)));
        return user;
    }

    private static Optional<User> userOf(X509Certificate certificate) {
        X500Name subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        List<String> names = values(subject, BCStyle.CN);
        if (names.isEmpty() || names.getFirst().isEmpty()) {
            return Optional.empty();
        }
        List<String> uids = values(subject, UID);
        return Optional.of(new User(
                names.getFirst(),
                uids.isEmpty() ? "" : uids.getFirst(),
                values(subject, BCStyle.O),
                Map.of(CREDENTIAL_ID, List.of("X509SHA256=" + fingerprint(certificate)))));
    }

    private static List<String> values(X500Name subject, ASN1ObjectIdentifier attribute) {
        return Arrays.stream(subject.getRDNs(attribute))
                .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
                .filter(value -> value.getType().equals(attribute))
                .map(value -> unescaped(IETFUtils.valueToString(value.getValue())))
                .toList();
    }

    /** The library escapes for printing; user names are compared as they were issued. */
    private static String unescaped(String printed) {
        return printed.replaceAll("\\\\(.)", "$1");
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException impossible) {
            throw new IllegalStateException("a verified certificate has a digest", impossible);
        }
    }
}
