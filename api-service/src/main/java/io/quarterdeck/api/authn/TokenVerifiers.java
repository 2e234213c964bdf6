package io.quarterdeck.api.authn;

import java.util.List;
import java.util.Optional;

/** Asks each verifier in turn. Whom one vouches for is authenticated. Immutable. */
public final class TokenVerifiers implements TokenVerifier {

    private final List<TokenVerifier> inOrder;
    private final List<String> ownAudiences;

    /** @param ownAudiences what is asked for when a review names no audience */
    public TokenVerifiers(List<TokenVerifier> inOrder, List<String> ownAudiences) {
        this.inOrder = List.copyOf(inOrder);
        this.ownAudiences = List.copyOf(ownAudiences);
    }

    @Override
    public Optional<Verified> verify(String token, List<String> audiences) {
        List<String> asked = audiences.isEmpty() ? ownAudiences : audiences;
        for (TokenVerifier verifier : inOrder) {
            Optional<Verified> verified = verifier.verify(token, asked);
            if (verified.isPresent()) {
                return verified.map(
                        found -> new Verified(Authenticators.authenticated(found.user()), found.audiences()));
            }
        }
        return Optional.empty();
    }
}
