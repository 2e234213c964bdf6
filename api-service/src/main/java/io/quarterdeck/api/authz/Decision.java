package io.quarterdeck.api.authz;

/** A verdict and, for people, its reason. */
public sealed interface Decision {

    String reason();

    /** What went wrong on the way to it; empty when nothing did. */
    default String error() {
        return "";
    }

    record Allow(String reason) implements Decision {}

    record Deny(String reason, String error) implements Decision {
        public Deny(String reason) {
            this(reason, "");
        }
    }

    /** This authorizer has nothing to say; the next one is asked. Nobody's opinion is a denial. */
    record NoOpinion(String reason, String error) implements Decision {
        public NoOpinion(String reason) {
            this(reason, "");
        }
    }
}
