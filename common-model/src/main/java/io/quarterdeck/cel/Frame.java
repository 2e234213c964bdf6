package io.quarterdeck.cel;

import org.jspecify.annotations.Nullable;

/** One evaluation: its variables and what it has cost so far. */
final class Frame {

    /** In place of a value that could not be told: whoever asks for it learns why. */
    record Failed(CelEvaluationException why) {}

    private final Activation variables;
    private final @Nullable Object[] locals;
    private long cost;

    Frame(Activation variables, int slots) {
        this.variables = variables;
        this.locals = new @Nullable Object[slots];
    }

    Object variable(String name) {
        Object value = variables.find(name);
        if (value == null) {
            throw new CelEvaluationException("no such attribute(s): " + name);
        }
        return value;
    }

    Object local(int slot) {
        Object value = locals[slot];
        if (value == null) {
            throw new CelEvaluationException("no such attribute(s)");
        }
        if (value instanceof Failed failed) {
            throw failed.why();
        }
        return value;
    }

    void local(int slot, Object value) {
        locals[slot] = value;
    }

    /** @throws CelEvaluationException.CallLimit when the evaluation has become too expensive */
    void charge(long units) {
        cost = CostRange.add(cost, units);
        if (cost > CostBudget.PER_CALL) {
            throw new CelEvaluationException.CallLimit();
        }
    }

    long cost() {
        return cost;
    }
}
