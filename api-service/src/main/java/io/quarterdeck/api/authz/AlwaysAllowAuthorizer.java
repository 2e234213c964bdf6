package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;
import java.util.List;

/** Allows everything, to everybody. Source: Kubernetes documentation, "Authorization", mode AlwaysAllow. */
final class AlwaysAllowAuthorizer implements Authorizer {

    @Override
    public Decision decide(AccessRequest request) {
        return new Decision.Allow("");
    }

    @Override
    public Holdings holdings(User user, String namespace) {
        return new Holdings(PolicyRule.EVERYTHING, List.of());
    }
}
