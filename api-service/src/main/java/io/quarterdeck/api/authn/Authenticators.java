package io.quarterdeck.api.authn;

import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Asks each way of identifying a caller in turn; the first that knows the caller wins. Who offers nothing is anonymous.
 * Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Authenticating".
 */
public final class Authenticators {

    private final List<Authenticator> inOrder;
    private final Supplier<AnonymousRule> anonymous;

    public Authenticators(List<Authenticator> inOrder, boolean anonymousAllowed) {
        this(inOrder, () -> new AnonymousRule(anonymousAllowed, List.of()));
    }

    Authenticators(List<Authenticator> inOrder, Supplier<AnonymousRule> anonymous) {
        this.inOrder = List.copyOf(inOrder);
        this.anonymous = anonymous;
    }

    /**
     * @throws StatusException 401 when credentials were offered that nobody accepts, or none where anonymous requests
     *     are not allowed
     */
    public User authenticate(Credentials credentials) {
        return authenticate(credentials, "");
    }

    /**
     * @param path of the request: anonymous callers may be let through to some alone
     * @throws StatusException 401 as above
     */
    public User authenticate(Credentials credentials, String path) {
        for (Authenticator authenticator : inOrder) {
            Optional<User> user = authenticator.authenticate(credentials);
            if (user.isPresent()) {
                return authenticated(user.get());
            }
        }
        if (BearerToken.of(credentials).isPresent()
                || !credentials.certificates().isEmpty()
                || !anonymous.get().lets(path)) {
            throw StatusException.unauthorized();
        }
        return User.ANONYMOUS;
    }

    /** Everyone whom someone vouches for belongs to {@code system:authenticated}. */
    static User authenticated(User user) {
        if (user.groups().contains(User.AUTHENTICATED)
                || user.groups().contains(User.UNAUTHENTICATED)
                || user.name().equals(User.ANONYMOUS.name())) {
            return user;
        }
        List<String> groups = new ArrayList<>(user.groups());
        groups.add(User.AUTHENTICATED);
        return new User(user.name(), user.uid(), groups, user.extra());
    }
}
