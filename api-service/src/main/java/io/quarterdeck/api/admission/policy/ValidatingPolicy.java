package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.cel.DeclType;
import io.quarterdeck.cel.PolicyEnvironment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A compiled ValidatingAdmissionPolicy. Immutable, thread-safe.
 *
 * <p>Source: KEP-3488.
 */
final class ValidatingPolicy implements Policy {

    private static final int LONGEST_MESSAGE = 5 * 1024;

    /** What a policy finds about an object. */
    record Verdict(List<Finding> findings, List<Annotation> annotations) {

        static final Verdict NOTHING = new Verdict(List.of(), List.of());

        static Verdict failed(String message) {
            return new Verdict(List.of(new Finding(0, message, "", true)), List.of());
        }
    }

    /**
     * A validation that refuses.
     *
     * @param index the validation's place
     * @param reason of the refusal; empty for the usual one
     * @param failed whether it has no value, so that failurePolicy decides
     */
    record Finding(int index, String message, String reason, boolean failed) {}

    /** @param error why it has no value; null when it has one */
    record Annotation(String key, String value, @Nullable String error) {}

    private record Validation(
            Expression expression, String message, @Nullable Expression messageExpression, String reason) {}

    private record Note(String key, Expression value) {}

    private final Document document;
    private final MatchConditions conditions;
    private final Map<String, Expression> variables;
    private final List<Validation> validations = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();

    ValidatingPolicy(Document document) {
        this.document = document;
        boolean params = document.has("spec.paramKind");
        this.conditions = new MatchConditions(document.at("spec.matchConditions"), params);
        this.variables = new LinkedHashMap<>();
        CelEnvironment full = variables(document, PolicyEnvironment.of(params, true), variables);
        CelEnvironment plain = variables(document, PolicyEnvironment.of(params, false), new LinkedHashMap<>());
        for (JsonNode validation : document.items("spec.validations")) {
            String message = validation.path("messageExpression").asString("");
            validations.add(new Validation(
                    Expression.compile(full, validation.path("expression").asString(""), List.of("bool")),
                    validation.path("message").asString("").strip(),
                    message.isEmpty() ? null : Expression.compile(plain, message, List.of("string")),
                    validation.path("reason").asString("")));
        }
        for (JsonNode note : document.items("spec.auditAnnotations")) {
            notes.add(new Note(
                    note.path("key").asString(""),
                    Expression.compile(
                            plain, note.path("valueExpression").asString(""), List.of("string", "null_type"))));
        }
    }

    /** Compiles the variables of a policy in their order: each may name those before it. */
    static CelEnvironment variables(Document document, CelEnvironment base, Map<String, Expression> into) {
        Map<String, DeclType> types = new LinkedHashMap<>();
        CelEnvironment environment = PolicyEnvironment.withVariables(base, types);
        for (JsonNode variable : document.items("spec.variables")) {
            String name = variable.path("name").asString("");
            Expression expression =
                    Expression.compile(environment, variable.path("expression").asString(""));
            into.put(name, expression);
            types.put(
                    name,
                    expression.program() == null
                            ? DeclType.DYN
                            : expression.program().type());
            environment = PolicyEnvironment.withVariables(base, types);
        }
        return environment;
    }

    @Override
    public Document document() {
        return document;
    }

    /** @param values of the request, by {@link RequestVariables} */
    Verdict judge(Map<String, Object> values) {
        try {
            if (!conditions.hold(values::get)) {
                return Verdict.NOTHING;
            }
        } catch (MatchConditions.UndecidedException e) {
            return Verdict.failed(String.valueOf(e.getMessage()));
        }
        CostBudget budget = new CostBudget(CostBudget.PER_REQUEST);
        Composed activation = new Composed(values, variables, budget);
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < validations.size(); i++) {
            Validation validation = validations.get(i);
            try {
                if (!Boolean.TRUE.equals(validation.expression().evaluate(activation, budget))) {
                    findings.add(new Finding(i, message(validation, activation, budget), validation.reason(), false));
                }
            } catch (CelEvaluationException.OutOfBudget e) {
                return Verdict.failed(String.valueOf(e.getMessage()));
            } catch (CelEvaluationException e) {
                findings.add(new Finding(i, String.valueOf(e.getMessage()), "", true));
            }
        }
        return new Verdict(findings, annotations(values));
    }

    private static String message(Validation validation, Composed activation, CostBudget budget) {
        String message = "";
        if (validation.messageExpression() != null) {
            try {
                message = validation.messageExpression().evaluate(activation, budget) instanceof String text
                        ? text.strip()
                        : "";
            } catch (CelEvaluationException.OutOfBudget e) {
                throw e;
            } catch (CelEvaluationException e) {
                // The message says less then, the refusal is the same.
                message = "";
            }
        }
        if (!message.isEmpty() && message.length() <= LONGEST_MESSAGE && !message.contains("\n")) {
            return message;
        }
        return validation.message().isEmpty()
                ? "failed expression: " + validation.expression().text().strip()
                : validation.message();
    }

    private List<Annotation> annotations(Map<String, Object> values) {
        CostBudget budget = new CostBudget(CostBudget.PER_REQUEST);
        Composed activation = new Composed(values, variables, budget);
        List<Annotation> annotations = new ArrayList<>();
        for (Note note : notes) {
            try {
                Object value = note.value().evaluate(activation, budget);
                if (value instanceof String text && !text.isBlank()) {
                    annotations.add(new Annotation(note.key(), text.strip(), null));
                }
            } catch (CelEvaluationException e) {
                annotations.add(new Annotation(note.key(), "", String.valueOf(e.getMessage())));
            }
        }
        return annotations;
    }
}
