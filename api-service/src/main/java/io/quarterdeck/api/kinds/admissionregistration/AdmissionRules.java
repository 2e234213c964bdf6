package io.quarterdeck.api.kinds.admissionregistration;

import io.quarterdeck.api.admission.policy.PolicyEnvironment;
import io.quarterdeck.api.cel.CelCompilationException;
import io.quarterdeck.api.cel.CelEnvironment;
import io.quarterdeck.api.cel.CelProgram;
import io.quarterdeck.api.cel.DeclType;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.WebhookClients;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Formats;
import io.quarterdeck.api.validation.Labels;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What webhooks and policies share. */
final class AdmissionRules {

    private AdmissionRules() {}

    /** A list of no webhooks counts as another state than none at all, as upstream compares them. */
    static void countGeneration(Document next, Document old) {
        boolean changed = next.has("webhooks") != old.has("webhooks") || !next.same("webhooks", old);
        next.set("metadata.generation", old.number("metadata.generation", 0) + (changed ? 1 : 0));
    }

    static void webhook(Field hook, boolean mutating, Set<String> names) {
        Field name = hook.at("name");
        if (name.empty()) {
            name.required();
        } else if (!Formats.subdomain(name.text()).isEmpty()) {
            name.invalid(String.join(",", Formats.subdomain(name.text())));
        } else if (name.text().split("\\.").length < 3) {
            name.invalid("should be a domain with at least three segments separated by dots");
        }
        if (!names.add(name.text())) {
            name.duplicate();
        }
        Labels.checkSelector(hook.at("namespaceSelector"));
        Labels.checkSelector(hook.at("objectSelector"));
        hook.at("failurePolicy").ifPresent(policy -> policy.oneOf("Fail", "Ignore"));
        hook.at("matchPolicy").ifPresent(policy -> policy.oneOf("Equivalent", "Exact"));
        Field effects = hook.at("sideEffects");
        if (!effects.present()) {
            effects.required("must specify one of None, NoneOnDryRun");
        } else {
            effects.oneOf("None", "NoneOnDryRun");
        }
        Field timeout = hook.at("timeoutSeconds");
        if (timeout.present() && (timeout.number() > 30 || timeout.number() < 1)) {
            timeout.invalid("the timeout value must be between 1 and 30 seconds");
        }
        if (mutating) {
            hook.at("reinvocationPolicy").ifPresent(policy -> policy.oneOf("IfNeeded", "Never"));
        }
        hook.at("rules").items().forEach(AdmissionRules::operationsAndRule);
        WebhookClients.check(hook.at("clientConfig"));
        matchConditions(hook.at("matchConditions"), false);
        versions(hook.at("admissionReviewVersions"));
    }

    private static void versions(Field versions) {
        if (versions.empty()) {
            versions.required("must specify one of v1, v1beta1");
            return;
        }
        Set<String> seen = new HashSet<>();
        for (Field version : versions.items()) {
            if (!seen.add(version.text())) {
                version.invalid("duplicate version");
            }
            version.format(Formats::dns1035Label);
        }
        if (!seen.contains("v1") && !seen.contains("v1beta1")) {
            versions.invalid("must include at least one of v1, v1beta1");
        }
    }

    static void operationsAndRule(Field rule) {
        for (String list : List.of("apiGroups", "apiVersions", "resources")) {
            Field field = rule.at(list);
            field.require();
            if (field.items().size() > 1 && field.texts().contains("*")) {
                field.invalid("if '*' is present, must not specify other " + words(list));
            }
        }
        Field operations = rule.at("operations");
        operations.require();
        if (operations.items().size() > 1 && operations.texts().contains("*")) {
            operations.invalid("if '*' is present, must not specify other operations");
        }
        operations.items().forEach(operation -> operation.oneOf("*", "CONNECT", "CREATE", "DELETE", "UPDATE"));
        rule.at("scope").ifPresent(scope -> scope.oneOf("*", "Cluster", "Namespaced"));
    }

    private static String words(String list) {
        return switch (list) {
            case "apiGroups" -> "API groups";
            case "apiVersions" -> "API versions";
            default -> "resources";
        };
    }

    private static void matchConditions(Field conditions, boolean params) {
        if (conditions.items().size() > 64) {
            conditions.tooMany(conditions.items().size(), 64);
        }
        Set<String> names = new HashSet<>();
        for (Field condition : conditions.items()) {
            if (condition.at("expression").text().isBlank()) {
                condition.at("expression").required();
            } else {
                expression(condition.at("expression"), PolicyEnvironment.of(params, true), List.of("bool"));
            }
            Field name = condition.at("name");
            if (name.require()) {
                name.format(Formats::qualifiedName);
                if (!names.add(name.text())) {
                    name.duplicate();
                }
            }
        }
    }

    static void policy(Field spec, boolean constraintsRequired) {
        spec.at("failurePolicy").ifPresent(policy -> policy.oneOf("Fail", "Ignore"));
        Field kind = spec.at("paramKind");
        if (kind.present()) {
            Field version = kind.at("apiVersion");
            if (version.require()
                    && version.text().chars().filter(c -> c == '/').count() > 1) {
                version.invalid("unexpected GroupVersion string: " + version.text());
            }
            kind.at("kind").require();
        }
        Field constraints = spec.at("matchConstraints");
        if (!constraints.present() && constraintsRequired) {
            constraints.required();
        } else if (constraints.present()) {
            matchResources(constraints);
            constraints.at("resourceRules").require();
        }
        matchConditions(spec.at("matchConditions"), kind.present());
    }

    /**
     * Judges an expression that is there.
     *
     * @param types what its value may be; nothing means anything
     * @return null when it cannot be compiled
     */
    static @Nullable CelProgram expression(Field expression, CelEnvironment environment, List<String> types) {
        try {
            return types.isEmpty()
                    ? environment.compile(expression.text())
                    : environment.compile(expression.text(), types);
        } catch (CelCompilationException e) {
            expression.invalid(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /**
     * Judges a policy's variables.
     *
     * @return {@code environment} with those that are good, for the expressions behind them
     */
    static CelEnvironment variables(Field spec, CelEnvironment environment) {
        Map<String, DeclType> types = new LinkedHashMap<>();
        CelEnvironment known = PolicyEnvironment.withVariables(environment, types);
        for (Field variable : spec.at("variables").items()) {
            Field name = variable.at("name");
            if (name.empty()) {
                name.required("name is not specified");
            } else if (!Formats.cIdentifier(name.text()).isEmpty()) {
                name.invalid("must be a valid CEL identifier");
            }
            if (variable.at("expression").text().isBlank()) {
                variable.at("expression").required("expression is not specified");
                continue;
            }
            CelProgram program = expression(variable.at("expression"), known, List.of());
            if (!name.empty()) {
                // What is wrong with it is said once, not where it is named.
                types.put(name.text(), program == null ? DeclType.DYN : program.type());
                known = PolicyEnvironment.withVariables(environment, types);
            }
        }
        return known;
    }

    /** The same variables for expressions that may not ask the authorizer, without judging them again. */
    static CelEnvironment knownVariables(Field spec, CelEnvironment environment) {
        Map<String, DeclType> types = new LinkedHashMap<>();
        CelEnvironment known = PolicyEnvironment.withVariables(environment, types);
        for (Field variable : spec.at("variables").items()) {
            DeclType type = DeclType.DYN;
            try {
                type = known.compile(variable.at("expression").text()).type();
            } catch (CelCompilationException e) {
                // Said where the variable was judged.
                type = DeclType.DYN;
            }
            types.put(variable.at("name").text(), type);
            known = PolicyEnvironment.withVariables(environment, types);
        }
        return known;
    }

    static void matchResources(Field resources) {
        Labels.checkSelector(resources.at("namespaceSelector"));
        Labels.checkSelector(resources.at("objectSelector"));
        resources.at("matchPolicy").ifPresent(policy -> policy.oneOf("Equivalent", "Exact"));
        resources.at("resourceRules").items().forEach(AdmissionRules::operationsAndRule);
        resources.at("excludeResourceRules").items().forEach(AdmissionRules::operationsAndRule);
    }

    static void binding(Field spec) {
        spec.at("policyName").requireFormat(Formats::subdomain);
        Field reference = spec.at("paramRef");
        if (reference.present()) {
            boolean named = !reference.at("name").empty();
            boolean selected = reference.at("selector").present();
            if (named && selected) {
                reference.at("name").forbidden("name and selector are mutually exclusive");
            } else if (!named && !selected) {
                reference.required("one of name or selector must be specified");
            }
            Field action = reference.at("parameterNotFoundAction");
            if (action.require()) {
                action.oneOf("Allow", "Deny");
            }
        }
        spec.at("matchResources").ifPresent(AdmissionRules::matchResources);
    }
}
