package io.quarterdeck.api.authn;

import java.util.List;
import java.util.Optional;

/** Says whose token it is: what bearer authentication and TokenReview share. Thread-safe. */
public interface TokenVerifier {

    /**
     * @param audiences those that the token may be meant for, at least one of which it must be
     * @return empty when the token is none of this verifier's
     * @throws RefusedTokenException why a token that looks like this verifier's own is not believed
     */
    Optional<Verified> judge(String token, List<String> audiences) throws RefusedTokenException;

    /** The same for who need not know why a token is not believed. */
    default Optional<Verified> verify(String token, List<String> audiences) {
        try {
            return judge(token, audiences);
        } catch (RefusedTokenException refused) {
            return Optional.empty();
        }
    }

    /** Whether its tokens tell which audiences they are meant for; others are meant for this API alone. */
    default boolean knowsAudiences() {
        return false;
    }

    /** @param audiences those of the asked ones that the token is meant for */
    record Verified(User user, List<String> audiences) {}
}
