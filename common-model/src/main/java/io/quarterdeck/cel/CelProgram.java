package io.quarterdeck.cel;

import java.util.Set;

/** A compiled expression. Immutable and thread-safe. */
public final class CelProgram {

    private final String expression;
    private final DeclType type;
    private final String typeName;
    private final CostRange estimate;
    private final Planner.Step step;
    private final int slots;
    private final Set<String> variables;
    private final Set<String> selections;

    CelProgram(
            String expression,
            DeclType type,
            String typeName,
            CostRange estimate,
            Planner.Step step,
            int slots,
            Set<String> variables,
            Set<String> selections) {
        this.expression = expression;
        this.type = type;
        this.typeName = typeName;
        this.estimate = estimate;
        this.step = step;
        this.slots = slots;
        this.variables = variables;
        this.selections = selections;
    }

    public String expression() {
        return expression;
    }

    /** What its value is. */
    public DeclType type() {
        return type;
    }

    /** The type in CEL's words ({@code list(string)}). */
    public String typeName() {
        return typeName;
    }

    /** The variables that the expression names. */
    public Set<String> variables() {
        return variables;
    }

    /** Whether it looks at a field of a variable. */
    public boolean selects(String variable, String field) {
        return selections.contains(variable + "." + field);
    }

    /** What an evaluation costs at least and at most, by the sizes that the declarations allow. */
    public CostRange estimatedCost() {
        return estimate;
    }

    /**
     * Evaluates with at most {@link CostBudget#PER_CALL}; what it cost is taken from {@code budget}, also when it fails.
     *
     * @throws CelEvaluationException when there is no value; {@link CelEvaluationException.OutOfBudget} when nothing more
     *     may be evaluated with this budget
     */
    public Object evaluate(Activation variables, CostBudget budget) {
        Frame frame = new Frame(variables, slots);
        try {
            return step.run(frame);
        } catch (StackOverflowError e) {
            throw new CelEvaluationException("the expression is nested too deeply");
        } finally {
            budget.spend(frame.cost());
        }
    }
}
