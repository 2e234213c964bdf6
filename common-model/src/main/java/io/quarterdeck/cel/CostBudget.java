package io.quarterdeck.cel;

/**
 * What all expressions of one policy or one object may cost together, in cost units. Not thread-safe.
 *
 * <p>Source: k8s.io/apiserver/pkg/apis/cel.
 */
public final class CostBudget {

    /** The most that one evaluation may cost. */
    public static final long PER_CALL = 1_000_000;

    /** The most that the expressions of one policy, or the rules of one custom resource, may cost. */
    public static final long PER_REQUEST = 10_000_000;

    /** The most that the match conditions of one webhook or policy may cost. */
    public static final long MATCH_CONDITIONS = 2_500_000;

    /** The most that one rule of a CustomResourceDefinition may be estimated to cost. */
    public static final long STATIC_PER_RULE = 10_000_000;

    /** The most that all rules of a CustomResourceDefinition may be estimated to cost. */
    public static final long STATIC_PER_DEFINITION = 100_000_000;

    private long remaining;

    public CostBudget(long units) {
        this.remaining = units;
    }

    public long remaining() {
        return remaining;
    }

    /** @throws CelEvaluationException.OutOfBudget when it is more than is left */
    void spend(long units) {
        remaining -= units;
        if (remaining < 0) {
            throw new CelEvaluationException.OutOfBudget();
        }
    }
}
