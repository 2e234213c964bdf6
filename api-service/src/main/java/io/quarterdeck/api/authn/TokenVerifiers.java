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
        List<String> own = asked.stream().filter(ownAudiences::contains).toList();
        for (TokenVerifier verifier : inOrder) {
            // Tokens that say nothing of this API's audiences are meant for this API.
            List<String> meant = verifier.knowsAudiences() ? asked : own;
            Optional<Verified> verified = meant.isEmpty() ? Optional.empty() : verifier.verify(token, meant);
            if (verified.isPresent()) {
                return verified.map(
                        found -> new Verified(Authenticators.authenticated(found.user()), found.audiences()));
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<String> refusal(String token, List<String> audiences) {
        List<String> asked = audiences.isEmpty() ? ownAudiences : audiences;
        boolean meantForUs = asked.stream().anyMatch(ownAudiences::contains);
        return inOrder.stream()
                .filter(verifier -> meantForUs || verifier.knowsAudiences())
                .flatMap(verifier -> verifier.refusal(token, asked).stream())
                .distinct()
                .reduce((first, second) -> first + ", " + second);
    }
}
