package io.quarterdeck.node.runtime;

/** The engine refused or could not be reached; the message is fit for a user. */
public final class RuntimeFailure extends RuntimeException {

    /** What kind of refusal it was, where it changes what to do next. */
    public enum Kind {
        NOT_FOUND,
        CONFLICT,
        UNREACHABLE,
        OTHER
    }

    private final Kind kind;

    public RuntimeFailure(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public RuntimeFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
