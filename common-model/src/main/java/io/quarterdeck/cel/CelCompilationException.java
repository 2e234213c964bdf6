package io.quarterdeck.cel;

/** An expression cannot be used; the message is upstream's ({@code compilation failed: ERROR: <input>:1:1: …}). */
public final class CelCompilationException extends Exception {

    private static final long serialVersionUID = 2;

    private final String issues;

    CelCompilationException(String message) {
        this(message, message);
    }

    private CelCompilationException(String message, String issues) {
        super(message, null, false, false);
        this.issues = issues;
    }

    static CelCompilationException of(String issues) {
        return new CelCompilationException("compilation failed: " + issues, issues);
    }

    /** What is wrong without the words before it ({@code ERROR: <input>:1:1: …}). */
    public String issues() {
        return issues;
    }
}
