package io.quarterdeck.controller.policystatus;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.ParamKind;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.Validation;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.Variable;
import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.DeclType;
import io.quarterdeck.cel.PolicyEnvironment;
import io.quarterdeck.cel.SchemaTypes;
import io.quarterdeck.model.GroupVersionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Looks at a policy's expressions with the types of the objects that it will meet. Pure.
 *
 * <p>Source: Kubernetes documentation, "Validating Admission Policy", type checking. What is wrong in a variable is not told:
 * only validations and their messages are looked at.
 */
final class TypeChecker {

    private final Function<GroupVersionKind, Optional<JsonNode>> schemas;

    /** @param fieldRef where the expression stands in the policy */
    record Warning(String fieldRef, String warning) {}

    private record Meeting(GroupVersionKind kind, CelEnvironment environment) {}

    /** @param schemas of kinds, without references; empty where nothing is known */
    TypeChecker(Function<GroupVersionKind, Optional<JsonNode>> schemas) {
        this.schemas = schemas;
    }

    /** @param kinds that the policy will meet */
    List<Warning> check(ValidatingAdmissionPolicy policy, Collection<GroupVersionKind> kinds) {
        Optional<DeclType> params = Optional.ofNullable(policy.getSpec().getParamKind())
                .map(TypeChecker::kind)
                .map(kind -> schemas.apply(kind)
                        .map(schema -> type(schema, kind.kind() + "Params"))
                        .orElse(DeclType.DYN));
        List<Meeting> meetings = new ArrayList<>();
        for (GroupVersionKind kind : kinds) {
            schemas.apply(kind)
                    .map(schema -> PolicyEnvironment.typed(type(schema, kind.kind()), params))
                    .map(environment ->
                            withVariables(environment, policy.getSpec().getVariables()))
                    .ifPresent(environment -> meetings.add(new Meeting(kind, environment)));
        }
        List<Warning> warnings = new ArrayList<>();
        List<Validation> validations = policy.getSpec().getValidations();
        for (int i = 0; i < validations.size(); i++) {
            String field = "spec.validations[%d].".formatted(i);
            Validation validation = validations.get(i);
            check(validation.getExpression(), meetings)
                    .ifPresent(text -> warnings.add(new Warning(field + "expression", text)));
            Optional.ofNullable(validation.getMessageExpression())
                    .flatMap(expression -> check(expression, meetings))
                    .ifPresent(text -> warnings.add(new Warning(field + "messageExpression", text)));
        }
        return warnings;
    }

    private static Optional<String> check(String expression, List<Meeting> meetings) {
        List<String> texts = new ArrayList<>();
        for (Meeting meeting : meetings) {
            try {
                meeting.environment().typeOf(expression);
            } catch (CelCompilationException e) {
                GroupVersionKind kind = meeting.kind();
                texts.add("%s/%s, Kind=%s: %s\n".formatted(kind.group(), kind.version(), kind.kind(), e.issues()));
            }
        }
        return texts.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", texts));
    }

    private static CelEnvironment withVariables(CelEnvironment environment, List<Variable> variables) {
        Map<String, DeclType> types = new LinkedHashMap<>();
        CelEnvironment known = PolicyEnvironment.withVariables(environment, types);
        for (Variable variable : variables) {
            types.put(variable.getName(), typeOf(known, variable.getExpression()));
            known = PolicyEnvironment.withVariables(environment, types);
        }
        return known;
    }

    private static DeclType typeOf(CelEnvironment environment, String expression) {
        try {
            return environment.typeOf(expression);
        } catch (CelCompilationException unknown) {
            return DeclType.DYN;
        }
    }

    /** @param name differs from that of the other type which expressions can see */
    private static DeclType type(JsonNode schema, String name) {
        DeclType type = schema.has("type") ? SchemaTypes.of(schema, true, name) : null;
        return type == null ? DeclType.DYN : type;
    }

    private static GroupVersionKind kind(ParamKind kind) {
        return GroupVersionKind.of(kind.getApiVersion(), kind.getKind());
    }
}
