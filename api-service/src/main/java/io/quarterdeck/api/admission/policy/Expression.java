package io.quarterdeck.api.admission.policy;

import io.quarterdeck.cel.Activation;
import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.cel.CostBudget;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An expression of a stored policy: it was valid when it was written, yet a stored one may be older than its rules.
 *
 * @param program null when it cannot be compiled
 * @param mistake why it cannot; empty when it can
 */
record Expression(String text, @Nullable CelProgram program, String mistake) {

    static Expression compile(CelEnvironment environment, String text, List<String> types) {
        try {
            return new Expression(text, environment.compile(text, types), "");
        } catch (CelCompilationException e) {
            return new Expression(text, null, String.valueOf(e.getMessage()));
        }
    }

    static Expression compile(CelEnvironment environment, String text) {
        try {
            return new Expression(text, environment.compile(text), "");
        } catch (CelCompilationException e) {
            return new Expression(text, null, String.valueOf(e.getMessage()));
        }
    }

    /**
     * @throws CelEvaluationException in upstream's words; {@link CelEvaluationException.OutOfBudget} when nothing that follows
     *     may be evaluated
     */
    Object evaluate(Activation variables, CostBudget budget) {
        try {
            return value(variables, budget);
        } catch (CelEvaluationException.OutOfBudget e) {
            throw e;
        } catch (CelEvaluationException e) {
            throw program == null
                    ? e
                    : new CelEvaluationException(
                            "expression '%s' resulted in error: %s".formatted(text, e.getMessage()));
        }
    }

    /** @throws CelEvaluationException that does not say which expression it was */
    Object value(Activation variables, CostBudget budget) {
        if (program == null) {
            throw new CelEvaluationException("compilation error: " + mistake);
        }
        return program.evaluate(variables, budget);
    }
}
