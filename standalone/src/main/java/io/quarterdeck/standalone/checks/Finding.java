package io.quarterdeck.standalone.checks;

import java.util.Optional;

/** What one check found: a word on the state, or a problem. */
public record Finding(String subject, String state, Optional<Problem> problem) {
    static Finding good(String subject, String state) {
        return new Finding(subject, state, Optional.empty());
    }

    static Finding bad(String subject, String cause, String remedy) {
        return new Finding(subject, cause, Optional.of(new Problem(cause, remedy)));
    }
}
