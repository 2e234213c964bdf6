package io.quarterdeck.api.admission.policy;

import io.quarterdeck.cel.Activation;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.cel.PolicyEnvironment;
import io.quarterdeck.model.GoErrors;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The conditions under which a webhook or a policy wants a request that its rules take in. Immutable, thread-safe.
 *
 * <p>Source: KEP-3716.
 */
public final class MatchConditions {

    private final List<Expression> conditions = new ArrayList<>();

    /** The conditions could not be decided. */
    public static final class UndecidedException extends Exception {

        private static final long serialVersionUID = 1;

        UndecidedException(String message) {
            super(message, null, false, false);
        }
    }

    /** @param conditions a list of MatchCondition */
    public MatchConditions(JsonNode conditions, boolean params) {
        for (JsonNode condition : conditions) {
            this.conditions.add(Expression.compile(
                    PolicyEnvironment.of(params, true),
                    condition.path("expression").asString(""),
                    List.of("bool")));
        }
    }

    /** @throws UndecidedException when none is false and at least one has no value */
    public boolean hold(Activation variables) throws UndecidedException {
        CostBudget budget = new CostBudget(CostBudget.MATCH_CONDITIONS);
        List<String> failures = new ArrayList<>();
        for (Expression condition : conditions) {
            try {
                if (Boolean.FALSE.equals(condition.evaluate(variables, budget))) {
                    return false;
                }
            } catch (CelEvaluationException.OutOfBudget e) {
                throw new UndecidedException(String.valueOf(e.getMessage()));
            } catch (CelEvaluationException e) {
                failures.add(String.valueOf(e.getMessage()));
            }
        }
        if (failures.isEmpty()) {
            return true;
        }
        throw new UndecidedException(GoErrors.aggregate(failures));
    }
}
