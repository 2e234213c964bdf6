package io.quarterdeck.api.cel;

/** An expression cannot be used; the message is upstream's ({@code compilation failed: ERROR: <input>:1:1: …}). */
public final class CelCompilationException extends Exception {

    private static final long serialVersionUID = 1;

    public CelCompilationException(String message) {
        super(message, null, false, false);
    }
}
