package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.cel.CelValues;
import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.cel.PolicyEnvironment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A compiled MutatingAdmissionPolicy. Immutable, thread-safe.
 *
 * <p>Source: KEP-3962.
 */
final class MutatingPolicy implements Policy {

    /** What a mutation wants. */
    sealed interface Change {

        /** To be merged into the object. */
        record Configuration(JsonNode tree) implements Change {}

        /** A JSON patch. */
        record Patch(JsonNode operations) implements Change {}
    }

    private record Mutation(Expression expression, boolean patch) {}

    private final Document document;
    private final MatchConditions conditions;
    private final Map<String, Expression> variables = new LinkedHashMap<>();
    private final List<Mutation> mutations = new ArrayList<>();

    MutatingPolicy(Document document) {
        this.document = document;
        boolean params = document.has("spec.paramKind");
        this.conditions = new MatchConditions(document.at("spec.matchConditions"), params);
        CelEnvironment environment =
                ValidatingPolicy.variables(document, PolicyEnvironment.forMutations(params), variables);
        for (JsonNode mutation : document.items("spec.mutations")) {
            boolean patch = mutation.path("patchType").asString("").equals("JSONPatch");
            String field = patch ? "jsonPatch" : "applyConfiguration";
            mutations.add(new Mutation(
                    Expression.compile(
                            environment,
                            mutation.path(field).path("expression").asString(""),
                            List.of(patch ? "list(JSONPatch)" : "Object")),
                    patch));
        }
    }

    @Override
    public Document document() {
        return document;
    }

    boolean reinvokes() {
        return document.text("spec.reinvocationPolicy").equals("IfNeeded");
    }

    int mutations() {
        return mutations.size();
    }

    boolean wants(Map<String, Object> values) throws MatchConditions.UndecidedException {
        return conditions.hold(values::get);
    }

    /** @throws CelEvaluationException when the mutation has no value */
    Change change(int index, Map<String, Object> values) {
        Mutation mutation = mutations.get(index);
        CostBudget budget = new CostBudget(CostBudget.PER_REQUEST);
        Object value = mutation.expression().evaluate(new Composed(values, variables, budget), budget);
        JsonNode tree = CelValues.toJson(value);
        return mutation.patch() ? new Change.Patch(tree) : new Change.Configuration(tree);
    }
}
