package io.quarterdeck.api.kinds.admissionregistration;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.WebhookClients;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.cel.DeclType;
import io.quarterdeck.cel.PolicyEnvironment;
import io.quarterdeck.model.Formats;
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
        hook.at("rules").items().forEach(AdmissionRules::operationsAndRule);
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
        Labels.checkSelector(hook.at("namespaceSelector"));
        Labels.checkSelector(hook.at("objectSelector"));
        if (mutating) {
            hook.at("reinvocationPolicy").ifPresent(policy -> policy.oneOf("IfNeeded", "Never"));
        }
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
        Field operations = rule.at("operations");
        operations.require();
        wildcardAlone(operations, "operations");
        operations.items().forEach(operation -> operation.oneOf("*", "CONNECT", "CREATE", "DELETE", "UPDATE"));
        Field groups = rule.at("apiGroups");
        groups.require();
        wildcardAlone(groups, "API groups");
        Field versions = rule.at("apiVersions");
        versions.require();
        wildcardAlone(versions, "API versions");
        versions.items().forEach(Field::require);
        Field resources = rule.at("resources");
        if (resources.require()) {
            resources(resources);
        }
        rule.at("scope").ifPresent(scope -> scope.oneOf("*", "Cluster", "Namespaced"));
    }

    private static void wildcardAlone(Field list, String what) {
        if (list.items().size() > 1 && list.texts().contains("*")) {
            list.invalid("if '*' is present, must not specify other " + what);
        }
    }

    /** No resource or subresource is named that another name takes in. */
    private static void resources(Field resources) {
        Set<String> wholeOf = new HashSet<>();
        Set<String> wholeSubresources = new HashSet<>();
        boolean doubled = resources.texts().contains("*/*");
        boolean plain = false;
        for (Field each : resources.items()) {
            String text = each.text();
            if (text.isEmpty()) {
                each.required();
                continue;
            }
            int slash = text.indexOf('/');
            if (slash < 0) {
                plain |= text.equals("*");
                continue;
            }
            String resource = text.substring(0, slash);
            String subresource = text.substring(slash + 1);
            if (wholeOf.contains(resource)) {
                each.invalid("if '%s/*' is present, must not specify %s".formatted(resource, text));
            }
            if (wholeSubresources.contains(subresource)) {
                each.invalid("if '*/%s' is present, must not specify %s".formatted(subresource, text));
            }
            if (subresource.equals("*")) {
                wholeOf.add(resource);
            }
            if (resource.equals("*")) {
                wholeSubresources.add(subresource);
            }
        }
        if (doubled && resources.items().size() > 1) {
            resources.invalid("if '*/*' is present, must not specify other resources");
        }
        if (plain && resources.texts().stream().anyMatch(text -> !text.contains("/") && !text.equals("*"))) {
            resources.invalid("if '*' is present, must not specify other resources without subresources");
        }
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
        CelEnvironment known = declared(spec, environment);
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

    /** Where a policy has no variables, there is nothing of that name. */
    private static CelEnvironment declared(Field spec, CelEnvironment environment) {
        return spec.at("variables").empty() ? environment : PolicyEnvironment.withVariables(environment, Map.of());
    }

    /** The same variables for expressions that may not ask the authorizer, without judging them again. */
    static CelEnvironment knownVariables(Field spec, CelEnvironment environment) {
        Map<String, DeclType> types = new LinkedHashMap<>();
        CelEnvironment known = declared(spec, environment);
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
                reference.at("selector").forbidden("name and selector are mutually exclusive");
            } else if (!named && !selected) {
                reference.required("one of name or selector must be specified");
            }
            Field action = reference.at("parameterNotFoundAction");
            if (action.require() && !action.is("Allow") && !action.is("Deny")) {
                action.unsupported(List.of("Deny", "Allow"));
            }
        }
        spec.at("matchResources").ifPresent(AdmissionRules::matchResources);
    }
}
