package io.quarterdeck.api.authn;

import java.util.List;
import java.util.Optional;

/** Says whose token it is: what bearer authentication and TokenReview share. Thread-safe. */
public interface TokenVerifier {

    /**
     * @param audiences those that the token may be meant for, at least one of which it must be
     * @return empty when this verifier does not believe the token
     */
    Optional<Verified> verify(String token, List<String> audiences);

    /** Whether its tokens tell which audiences they are meant for; others are meant for this API alone. */
    default boolean knowsAudiences() {
        return false;
    }

    /** Why a token that looks like this verifier's own is not believed; empty for any other. */
    default Optional<String> refusal(String token, List<String> audiences) {
        return Optional.empty();
    }

    /** @param audiences those of the asked ones that the token is meant for */
    record Verified(User user, List<String> audiences) {}
}
