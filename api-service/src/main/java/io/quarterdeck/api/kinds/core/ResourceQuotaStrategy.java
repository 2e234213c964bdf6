package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Resource quotas. Source: Kubernetes documentation "Resource Quotas". */
@Component
final class ResourceQuotaStrategy implements KindStrategy {

    private static final Set<String> SCOPES = Set.of(
            "Terminating",
            "NotTerminating",
            "BestEffort",
            "NotBestEffort",
            "PriorityClass",
            "CrossNamespacePodAffinity",
            "VolumeAttributesClass");
    private static final Set<String> COMPUTE =
            Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "pods");
    private static final Rules RULES = Rules.of(ResourceQuotaStrategy::check);
    private static final Rules STATUS = Rules.of(quota -> {
        amounts(quota.at("status.hard"));
        quota.at("status.used").entries((name, quantity) -> {
            ResourceRules.quotaResourceName(name, quantity);
            ResourceRules.value(name, quantity);
        });
    });

    @Override
    public GroupResource resource() {
        return new GroupResource("", "resourcequotas");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    private static void check(Field quota) {
        Field spec = quota.at("spec");
        amounts(spec.at("hard"));
        scopes(spec);
        scopeSelector(spec);
        Field scopes = spec.at("scopes");
        if (scopes.updating() && !new TreeSet<>(scopes.texts()).equals(new TreeSet<>(texts(scopes.old())))) {
            scopes.invalid("field is immutable");
        }
        Field selector = spec.at("scopeSelector");
        if (selector.changed()) {
            selector.invalid("field is immutable");
        }
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asString("")));
        return texts;
    }

    private static void amounts(Field hard) {
        hard.entries((name, quantity) -> {
            ResourceRules.quotaResourceName(name, quantity);
            ResourceRules.value(name, quantity);
        });
    }

    private static void scopes(Field spec) {
        Field scopes = spec.at("scopes");
        List<String> names = scopes.texts();
        for (String scope : names) {
            if (!SCOPES.contains(scope)) {
                scopes.invalid("unsupported scope");
            }
            for (String resource : new TreeSet<>(spec.at("hard").node().propertyNames())) {
                if (!fits(scope, resource)) {
                    scopes.invalid("unsupported scope applied to resource");
                }
            }
        }
        Set<String> set = new HashSet<>(names);
        if ((set.contains("BestEffort") && set.contains("NotBestEffort"))
                || (set.contains("Terminating") && set.contains("NotTerminating"))) {
            scopes.invalid("conflicting scopes");
        }
    }

    private static void scopeSelector(Field spec) {
        Field requirements = spec.at("scopeSelector.matchExpressions");
        for (Field requirement : requirements.items()) {
            String scope = requirement.at("scopeName").text();
            Field name = requirement.at("scopeName").as(requirements.path() + ".scopeName");
            Field operator = requirement.at("operator").as(requirements.path() + ".operator");
            if (!SCOPES.contains(scope)) {
                name.invalidValue(scope, "unsupported scope");
            }
            for (String resource : new TreeSet<>(spec.at("hard").node().propertyNames())) {
                if (!fits(scope, resource)) {
                    requirements.invalid("unsupported scope applied to resource");
                }
            }
            if (!scope.equals("PriorityClass") && !scope.equals("VolumeAttributesClass") && !operator.is("Exists")) {
                operator.invalidValue(
                        operator.text(),
                        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating,"
                                + " ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or"
                                + " ResourceQuotaScopeCrossNamespacePodAffinity");
            }
            Field values = requirement.at("values").as(requirements.path() + ".values");
            switch (operator.text()) {
                case "In", "NotIn" -> {
                    if (values.empty()) {
                        values.required(
                                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (!values.empty()) {
                        values.invalid(
                                "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector");
                    }
                }
                default -> operator.invalidValue(operator.text(), "not a valid selector operator");
            }
        }
    }

    private static boolean fits(String scope, String resource) {
        return switch (scope) {
            case "BestEffort" -> resource.equals("pods");
            case "Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity" ->
                COMPUTE.contains(resource)
                        || resource.endsWith("ephemeral-storage")
                        || resource.startsWith("requests.")
                        || resource.startsWith("count/pods");
            default -> true;
        };
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("resourcequotas")
                .text("Request", quota -> used(quota, false))
                .text("Limit", quota -> used(quota, true))
                .columns();
    }

    private static String used(Document quota, boolean limits) {
        List<String> parts = new ArrayList<>();
        JsonNode hard = quota.at("status.hard");
        for (String name : new TreeSet<>(hard.propertyNames())) {
            boolean limit = name.startsWith("limits.");
            if (limit == limits) {
                parts.add("%s: %s/%s"
                        .formatted(
                                name,
                                quota.at("status.used").path(name).asString("0"),
                                hard.path(name).asString("0")));
            }
        }
        return String.join(", ", parts);
    }
}
