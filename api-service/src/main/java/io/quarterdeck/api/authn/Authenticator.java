package io.quarterdeck.api.authn;

import java.util.Optional;

/**
 * One way to identify a caller. Thread-safe.
 */
public interface Authenticator {

    /**
     * Empty when the credentials are not of this kind.
     *
     * @throws io.quarterdeck.model.StatusException 401 when they are of this kind and wrong
     */
    Optional<User> authenticate(Credentials credentials);
}
