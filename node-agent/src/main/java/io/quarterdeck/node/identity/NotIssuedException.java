package io.quarterdeck.node.identity;

/** No certificate came of a request; the message says why, for people. */
final class NotIssuedException extends Exception {

    NotIssuedException(String message) {
        super(message);
    }
}
