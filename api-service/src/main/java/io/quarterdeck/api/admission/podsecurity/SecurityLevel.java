package io.quarterdeck.api.admission.podsecurity;

import java.util.Locale;
import java.util.Optional;

/** How much a pod may ask of its node, the laxest first. */
public enum SecurityLevel {
    PRIVILEGED,
    BASELINE,
    RESTRICTED;

    static Optional<SecurityLevel> parse(String text) {
        return switch (text) {
            case "privileged" -> Optional.of(PRIVILEGED);
            case "baseline" -> Optional.of(BASELINE);
            case "restricted" -> Optional.of(RESTRICTED);
            default -> Optional.empty();
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
