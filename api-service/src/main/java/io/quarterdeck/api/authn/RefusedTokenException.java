package io.quarterdeck.api.authn;

/** A token that a verifier takes for its own is not believed; the message is upstream's. */
public final class RefusedTokenException extends Exception {

    private static final long serialVersionUID = 1;

    RefusedTokenException(String message) {
        super(message, null, false, false);
    }
}
