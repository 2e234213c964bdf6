package io.quarterdeck.api.admission.policy;

import io.quarterdeck.cel.Activation;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.cel.CostBudget;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variables of a request with those that a policy defines: each of these is evaluated once, when it is first named, and
 * paid for by the expression that names it.
 */
final class Composed implements Activation {

    private final Map<String, Object> values;
    private final Map<String, Expression> definitions;
    private final CostBudget budget;
    private final Map<String, Object> known = new HashMap<>();
    private final Variables variables = new Variables();

    Composed(Map<String, Object> values, Map<String, Expression> definitions, CostBudget budget) {
        this.values = values;
        this.definitions = definitions;
        this.budget = budget;
    }

    @Override
    public @Nullable Object find(String variable) {
        return variable.equals("variables") ? variables : values.get(variable);
    }

    private final class Variables extends AbstractMap<Object, Object> {

        @Override
        public @Nullable Object get(@Nullable Object name) {
            Expression definition = definitions.get(String.valueOf(name));
            if (definition == null) {
                return null;
            }
            Object value = known.get(definition.text());
            if (value == null) {
                try {
                    value = definition.value(Composed.this, budget);
                } catch (CelEvaluationException.OutOfBudget e) {
                    throw e;
                } catch (CelEvaluationException e) {
                    throw new CelEvaluationException(
                            "composited variable \"%s\" fails to evaluate: %s".formatted(name, e.getMessage()));
                }
                known.put(definition.text(), value);
            }
            return value;
        }

        @Override
        public boolean containsKey(@Nullable Object name) {
            return definitions.containsKey(String.valueOf(name));
        }

        @Override
        public Set<Map.Entry<Object, Object>> entrySet() {
            Map<Object, Object> all = new HashMap<>();
            definitions.keySet().forEach(name -> {
                Object value = get(name);
                if (value != null) {
                    all.put(name, value);
                }
            });
            return all.entrySet();
        }
    }
}
