package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;

/** Decides one request. Called on every request: answers from memory in microseconds. Thread-safe. */
public interface Authorizer {

    Decision decide(AccessRequest request);

    /** What it can list of what a user may do in a namespace, or cluster-wide when that is empty. */
    default Holdings holdings(User user, String namespace) {
        return Holdings.NONE;
    }
}
