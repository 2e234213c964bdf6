package io.quarterdeck.api.authz;

/** Decides one request. Called on every request: answers from memory in microseconds. Thread-safe. */
public interface Authorizer {

    Decision decide(AccessRequest request);
}
