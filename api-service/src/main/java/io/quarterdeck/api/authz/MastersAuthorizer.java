package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;

/** The group system:masters may do everything, whatever the roles say: the way back in. */
final class MastersAuthorizer implements Authorizer {

    @Override
    public Decision decide(AccessRequest request) {
        return request.user().groups().contains(User.MASTERS) ? new Decision.Allow("") : new Decision.NoOpinion("");
    }
}
