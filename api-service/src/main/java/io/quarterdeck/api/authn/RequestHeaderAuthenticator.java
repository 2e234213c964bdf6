package io.quarterdeck.api.authn;

import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * A front proxy that proves itself with a certificate of its own authority says in headers for whom it asks.
 *
 * <p>Source: Kubernetes documentation, "Authenticating Proxy".
 */
final class RequestHeaderAuthenticator implements Authenticator {

    private final CertificateBundle authorities;
    private final List<String> allowedNames;
    private final InstantSource clock;

    RequestHeaderAuthenticator(CertificateBundle authorities, List<String> allowedNames, InstantSource clock) {
        this.authorities = authorities;
        this.allowedNames = List.copyOf(allowedNames);
        this.clock = clock;
    }

    @Override
    public Optional<User> authenticate(Credentials credentials) {
        String name = credentials.header("X-Remote-User");
        if (name.isEmpty()
                || credentials.certificates().isEmpty()
                || !allowed(credentials.certificates().getFirst())
                || !authorities.verifies(credentials.certificates(), clock.instant())) {
            return Optional.empty();
        }
        return Optional.of(new User(
                name,
                credentials.header("X-Remote-Uid"),
                credentials.headers().apply("X-Remote-Group"),
                credentials.extras("X-Remote-Extra-")));
    }

    private boolean allowed(X509Certificate certificate) {
        if (allowedNames.isEmpty()) {
            return true;
        }
        X500Name subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        return Arrays.stream(subject.getRDNs(BCStyle.CN))
                .anyMatch(rdn -> allowedNames.contains(
                        IETFUtils.valueToString(rdn.getFirst().getValue())));
    }
}
