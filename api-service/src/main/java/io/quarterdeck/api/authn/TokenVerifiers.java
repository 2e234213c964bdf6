package io.quarterdeck.api.authn;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Asks each verifier in turn. Whom one vouches for is authenticated. Thread-safe. */
public final class TokenVerifiers implements TokenVerifier {

    private final Supplier<List<TokenVerifier>> inOrder;
    private final List<String> ownAudiences;

    /** @param ownAudiences what is asked for when a review names no audience */
    public TokenVerifiers(List<TokenVerifier> inOrder, List<String> ownAudiences) {
        this(() -> inOrder, ownAudiences);
    }

    TokenVerifiers(Supplier<List<TokenVerifier>> inOrder, List<String> ownAudiences) {
        this.inOrder = inOrder;
        this.ownAudiences = List.copyOf(ownAudiences);
    }

    @Override
    public Optional<Verified> judge(String token, List<String> audiences) throws RefusedTokenException {
        List<String> asked = audiences.isEmpty() ? ownAudiences : audiences;
        List<String> own = asked.stream().filter(ownAudiences::contains).toList();
        Set<String> refusals = new LinkedHashSet<>();
        for (TokenVerifier verifier : inOrder.get()) {
            // Tokens that say nothing of this API's audiences are meant for this API.
            List<String> meant = verifier.knowsAudiences() ? asked : own;
            try {
                Optional<Verified> verified = meant.isEmpty() ? Optional.empty() : verifier.judge(token, meant);
                if (verified.isPresent()) {
                    return verified.map(
                            found -> new Verified(Authenticators.authenticated(found.user()), found.audiences()));
                }
            } catch (RefusedTokenException refused) {
                refusals.add(String.valueOf(refused.getMessage()));
            }
        }
        if (!refusals.isEmpty()) {
            throw new RefusedTokenException(String.join(", ", refusals));
        }
        return Optional.empty();
    }
}
