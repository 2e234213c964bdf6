package io.quarterdeck.cel;

/** An expression has no value for the given variables; the message is upstream's ({@code no such key: x}). */
public class CelEvaluationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public CelEvaluationException(String message) {
        super(message, null, false, false);
    }

    static CelEvaluationException noSuchOverload() {
        return new CelEvaluationException("no such overload");
    }

    /** The expression cost more than one evaluation may, and was stopped. */
    public static final class CallLimit extends CelEvaluationException {

        private static final long serialVersionUID = 1;

        CallLimit() {
            super("operation cancelled: actual cost limit exceeded");
        }
    }

    /** All that the request may spend on expressions is spent: none that follow is evaluated. */
    public static final class OutOfBudget extends CelEvaluationException {

        private static final long serialVersionUID = 1;

        OutOfBudget() {
            super("validation failed due to running out of cost budget, no further validation rules will be run");
        }
    }
}
