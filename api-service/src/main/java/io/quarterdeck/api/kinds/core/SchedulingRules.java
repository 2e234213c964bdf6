package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.model.Formats;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Rules about where a pod may run: affinity, tolerations, topology spread, node selectors. */
public final class SchedulingRules {

    private SchedulingRules() {}

    static void affinity(Field affinity) {
        Field required = affinity.at("nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
        required.ifPresent(SchedulingRules::nodeSelector);
        for (Field term : affinity.at("nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution")
                .items()) {
            weight(term.at("weight"));
            nodeSelectorTerm(term.at("preference"), false);
        }
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            affinity.at(kind)
                    .at("requiredDuringSchedulingIgnoredDuringExecution")
                    .items()
                    .forEach(SchedulingRules::podAffinityTerm);
            for (Field term : affinity.at(kind)
                    .at("preferredDuringSchedulingIgnoredDuringExecution")
                    .items()) {
                weight(term.at("weight"));
                podAffinityTerm(term.at("podAffinityTerm"));
            }
        }
    }

    private static void weight(Field weight) {
        if (weight.number() <= 0 || weight.number() > 100) {
            weight.invalidValue(weight.number(), "must be in the range 1-100");
        }
    }

    public static void nodeSelector(Field selector) {
        Field terms = selector.at("nodeSelectorTerms");
        if (terms.empty()) {
            terms.required("must have at least one node selector term");
            return;
        }
        terms.items().forEach(term -> nodeSelectorTerm(term, true));
    }

    private static void nodeSelectorTerm(Field term, boolean judgeValues) {
        for (Field requirement : term.at("matchExpressions").items()) {
            Field operator = requirement.at("operator");
            Field values = requirement.at("values");
            switch (operator.text()) {
                case "In", "NotIn" -> {
                    if (values.empty()) {
                        values.required("must be specified when `operator` is 'In' or 'NotIn'");
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (!values.empty()) {
                        values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    }
                }
                case "Gt", "Lt" -> {
                    if (values.items().size() != 1) {
                        values.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
                    }
                }
                default -> operator.invalidValue(operator.text(), "not a valid selector operator");
            }
            requirement.at("key").format(Formats::qualifiedName);
            if (judgeValues) {
                values.items().forEach(value -> value.format(Formats::labelValue));
            }
        }
        for (Field requirement : term.at("matchFields").items()) {
            nodeField(requirement);
        }
    }

    private static void nodeField(Field requirement) {
        Field operator = requirement.at("operator");
        Field values = requirement.at("values");
        if (operator.is("In") || operator.is("NotIn")) {
            if (values.items().size() != 1) {
                values.required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }
        } else {
            operator.invalidValue(operator.text(), "not a valid selector operator");
        }
        Field key = requirement.at("key");
        if (key.is("metadata.name")) {
            values.items().forEach(value -> value.format(Formats::subdomain));
        } else {
            key.invalidValue(key.text(), "not a valid field selector key");
        }
    }

    private static void podAffinityTerm(Field term) {
        Labels.checkSelector(term.at("labelSelector"));
        Labels.checkSelector(term.at("namespaceSelector"));
        for (Field namespace : term.at("namespaces").items()) {
            Formats.label(namespace.text())
                    .forEach(problem -> term.at("namespace").invalidValue(namespace.text(), problem));
        }
        labelKeys(term);
        Field topologyKey = term.at("topologyKey");
        if (topologyKey.empty()) {
            topologyKey.required("can not be empty");
        }
        topologyKey.format(Formats::qualifiedName);
    }

    private static void labelKeys(Field term) {
        Field match = term.at("matchLabelKeys");
        Field mismatch = term.at("mismatchLabelKeys");
        for (Field keys : List.of(match, mismatch)) {
            keys.items().forEach(key -> key.format(Formats::qualifiedName));
            if (!keys.empty() && !term.at("labelSelector").present()) {
                keys.forbidden("must not be specified when labelSelector is not set");
            }
        }
        Set<String> both = new TreeSet<>(match.texts());
        both.retainAll(mismatch.texts());
        for (Field key : match.items()) {
            if (both.contains(key.text())) {
                key.invalid("exists in both matchLabelKeys and mismatchLabelKeys");
            }
        }
    }

    public static void tolerations(Field tolerations) {
        tolerations.items().forEach(SchedulingRules::toleration);
    }

    private static void toleration(Field toleration) {
        Field key = toleration.at("key");
        Field operator = toleration.at("operator");
        Field value = toleration.at("value").as(operator.path());
        Field effect = toleration.at("effect");
        if (!key.empty()) {
            key.format(Formats::qualifiedName);
        } else if (!operator.is("Exists")) {
            operator.invalidValue(
                    operator.text(),
                    "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        if (toleration.at("tolerationSeconds").present() && !effect.is("NoExecute")) {
            effect.invalidValue(effect.text(), "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        switch (operator.text()) {
            case "", "Equal" -> {
                List<String> problems = Formats.labelValue(value.text());
                if (!problems.isEmpty()) {
                    value.invalidValue(value.text(), String.join(";", problems));
                }
            }
            case "Exists" -> {
                if (!value.empty()) {
                    value.invalid("value must be empty when `operator` is 'Exists'");
                }
            }
            // The comparing operators are behind a gate that is off; upstream lists them only when one of them was
            // asked for.
            case "Lt", "Gt" -> operator.unsupported("Equal", "Exists", "Lt", "Gt");
            default -> operator.unsupported("Equal", "Exists");
        }
        if (!effect.empty()) {
            taintEffect(effect);
        }
    }

    static void taintEffect(Field effect) {
        effect.oneOf("NoSchedule", "PreferNoSchedule", "NoExecute");
    }

    static void topologySpread(Field constraints) {
        List<Field> items = constraints.items();
        for (int i = 0; i < items.size(); i++) {
            Field constraint = items.get(i);
            Field skew = constraint.at("maxSkew");
            if (skew.number() <= 0) {
                skew.invalidValue(skew.number(), "must be greater than zero");
            }
            Field key = constraint.at("topologyKey");
            if (key.empty()) {
                key.required("can not be empty");
            } else {
                key.format(Formats::qualifiedName);
            }
            Field action = constraint.at("whenUnsatisfiable");
            action.oneOf("DoNotSchedule", "ScheduleAnyway");
            for (int j = i + 1; j < items.size(); j++) {
                if (items.get(j).at("topologyKey").is(key.text())
                        && items.get(j).at("whenUnsatisfiable").is(action.text())) {
                    constraint
                            .at("{topologyKey, whenUnsatisfiable}")
                            .duplicateValue("{%s, %s}".formatted(key.text(), action.text()));
                }
            }
            Field domains = constraint.at("minDomains");
            if (domains.present()) {
                if (domains.number() <= 0) {
                    domains.invalid("must be greater than zero");
                }
                if (!action.is("DoNotSchedule")) {
                    domains.invalid("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " + action.text());
                }
            }
            for (String policy : List.of("nodeAffinityPolicy", "nodeTaintsPolicy")) {
                constraint.at(policy).ifPresent(field -> field.oneOf("Honor", "Ignore"));
            }
            spreadLabelKeys(constraint);
            Labels.checkSelector(constraint.at("labelSelector"));
        }
    }

    private static void spreadLabelKeys(Field constraint) {
        Field keys = constraint.at("matchLabelKeys");
        Field selector = constraint.at("labelSelector");
        if (!keys.empty() && !selector.present()) {
            keys.forbidden("must not be specified when labelSelector is not set");
        }
        Set<String> selected = new HashSet<>(selector.at("matchLabels").node().propertyNames());
        selector.at("matchExpressions")
                .items()
                .forEach(requirement -> selected.add(requirement.at("key").text()));
        for (Field key : keys.items()) {
            key.format(Formats::qualifiedName);
            if (selected.contains(key.text())) {
                key.invalid("exists in both matchLabelKeys and labelSelector");
            }
        }
    }
}
