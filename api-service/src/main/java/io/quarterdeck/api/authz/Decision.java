package io.quarterdeck.api.authz;

/** A verdict and, for people, its reason. */
public sealed interface Decision {

    String reason();

    record Allow(String reason) implements Decision {}

    record Deny(String reason) implements Decision {}

    /** This authorizer has nothing to say; the next one is asked. Nobody's opinion is a denial. */
    record NoOpinion(String reason) implements Decision {}
}
