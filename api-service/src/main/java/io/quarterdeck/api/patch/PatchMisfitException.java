package io.quarterdeck.api.patch;

/** An operation of a JSON patch does not fit the object. The message says which, in upstream's words. */
public final class PatchMisfitException extends Exception {

    private static final long serialVersionUID = 1;

    private final boolean test;

    PatchMisfitException(String message, boolean test) {
        super(message, null, false, false);
        this.test = test;
    }

    /** Whether it is a test that failed. */
    public boolean isTest() {
        return test;
    }
}
