package io.quarterdeck.model;

import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;

/**
 * A Secret that holds a bootstrap token. Immutable.
 *
 * <p>Source: Kubernetes documentation, "Authenticating with Bootstrap Tokens", Bootstrap Token Secret Format.
 */
public record BootstrapToken(Secret secret) {

    /** Where such Secrets are; elsewhere they mean nothing. */
    public static final String NAMESPACE = "kube-system";

    private static final String TYPE = "bootstrap.kubernetes.io/token";

    public static Optional<BootstrapToken> of(Secret secret) {
        return TYPE.equals(secret.getType())
                        && NAMESPACE.equals(secret.getMetadata().getNamespace())
                ? Optional.of(new BootstrapToken(secret))
                : Optional.empty();
    }

    /** A field's text; empty when it is absent, or has none. */
    public Optional<String> text(String field) {
        String encoded = secret.getData() == null ? null : secret.getData().get(field);
        return encoded == null || encoded.isEmpty()
                ? Optional.empty()
                : Optional.of(new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
    }

    /** When it ends, if it does; one whose end nobody can read has ended long ago. */
    public Optional<Instant> end() {
        try {
            return text("expiration").map(Instant::parse);
        } catch (DateTimeParseException | IllegalArgumentException unreadable) {
            return Optional.of(Instant.EPOCH);
        }
    }
}
