package io.quarterdeck.api.authn;

import java.util.List;
import java.util.Optional;

/** A bearer token that one of the verifiers believes. Immutable. */
final class TokenAuthenticator implements Authenticator {

    private final TokenVerifier verifier;
    private final List<String> audiences;

    TokenAuthenticator(TokenVerifier verifier, List<String> audiences) {
        this.verifier = verifier;
        this.audiences = List.copyOf(audiences);
    }

    @Override
    public Optional<User> authenticate(Credentials credentials) {
        return BearerToken.of(credentials)
                .flatMap(token -> verifier.verify(token, audiences))
                .map(TokenVerifier.Verified::user);
    }
}
