package io.quarterdeck.api.kinds.autoscaling;

import io.quarterdeck.api.kinds.core.ResourceRules;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.model.Formats;
import java.util.List;
import java.util.Locale;

/** Rules about autoscalers. */
final class AutoscalerRules {

    /** Per cent of the requested CPU that is aimed at where nothing else is. */
    static final int DEFAULT_UTILIZATION = 80;

    private static final List<String> TYPES = List.of("ContainerResource", "External", "Object", "Pods", "Resource");

    private AutoscalerRules() {}

    static void spec(Field spec) {
        Field min = spec.at("minReplicas");
        Field max = spec.at("maxReplicas");
        if (min.present() && min.number() < 1) {
            min.invalid("must be greater than or equal to 1");
        }
        if (max.number() < 1) {
            max.required("must be set and greater than 0");
        }
        if (min.present() && max.number() < min.number()) {
            max.invalidValue(max.number(), "must be greater than or equal to `minReplicas`");
        }
        reference(spec.at("scaleTargetRef"));
        group(spec.at("scaleTargetRef"));
        spec.at("metrics").items().forEach(AutoscalerRules::metric);
        Field behavior = spec.at("behavior");
        for (String direction : List.of("scaleUp", "scaleDown")) {
            behavior.at(direction).ifPresent(AutoscalerRules::scaling);
        }
    }

    private static void reference(Field reference) {
        for (String part : List.of("kind", "name")) {
            Field field = reference.at(part);
            if (field.require()) {
                field.format(Formats::pathSegment);
            }
        }
        Field version = reference.at("apiVersion");
        String text = version.text();
        if (text.chars().filter(c -> c == '/').count() > 1) {
            version.invalid("unexpected GroupVersion string: " + text);
        }
    }

    /** What is scaled has a group, but for the one kind that is older than groups. */
    private static void group(Field target) {
        Field version = target.at("apiVersion");
        boolean kept = target.old().isObject() && version.old().asString("").equals(version.text());
        boolean grouped = version.text().indexOf('/') > 0;
        if (!grouped && !kept && !target.at("kind").is("ReplicationController")) {
            version.invalidValue(version.text(), "apiVersion must specify API group");
        }
    }

    private static void metric(Field metric) {
        Field type = metric.at("type");
        if (type.empty()) {
            type.required("must specify a metric source type");
            return;
        }
        if (!TYPES.contains(type.text())) {
            type.unsupported(TYPES);
            return;
        }
        String field = type.text().substring(0, 1).toLowerCase(Locale.ROOT)
                + type.text().substring(1);
        Field source = metric.at(field);
        if (!source.present()) {
            source.required("must populate information for the given metric source");
            return;
        }
        for (String other : List.of("object", "pods", "resource", "external", "containerResource")) {
            if (!other.equals(field)) {
                metric.at(other).ifPresent(extra -> extra.forbidden("must populate the given metric source only"));
            }
        }
        switch (field) {
            case "object" -> {
                reference(source.at("describedObject"));
                identifier(source.at("metric"));
                Field target = source.at("target");
                target(target);
                oneAmount(target, "must set either a target value or averageValue");
            }
            case "external" -> {
                identifier(source.at("metric"));
                Field target = source.at("target");
                target(target);
                if (target.at("value").present() && target.at("averageValue").present()) {
                    target.at("value").forbidden("may not set both a target value for metric and a per-pod target");
                }
                if (!target.at("value").present() && !target.at("averageValue").present()) {
                    target.at("averageValue").required("must set either a target value for metric or a per-pod target");
                }
            }
            case "pods" -> {
                identifier(source.at("metric"));
                target(source.at("target"));
                Field average = source.at("target.averageValue");
                if (!average.present()
                        || ResourceRules.quantityOrZero(average.node()).signum() != 1) {
                    average.required("must specify a positive target averageValue");
                }
            }
            default -> measured(source, field.equals("containerResource"));
        }
    }

    private static void oneAmount(Field target, String why) {
        if (!target.at("value").present() && !target.at("averageValue").present()) {
            target.at("averageValue").required(why);
        }
    }

    private static void measured(Field source, boolean container) {
        if (source.at("name").empty()) {
            source.at("name").required("must specify a resource name");
        }
        if (container && source.at("container").empty()) {
            source.at("container").required("must specify a container");
        }
        Field target = source.at("target");
        target(target);
        Field utilization = target.at("averageUtilization");
        Field value = target.at("averageValue");
        if (!utilization.present() && !value.present()) {
            utilization.required("must set either a target raw value or a target utilization");
        }
        if (utilization.present() && value.present()) {
            value.forbidden("may not set both a target raw value and a target utilization");
        }
    }

    private static void identifier(Field metric) {
        Field name = metric.at("name");
        if (name.empty()) {
            name.required("must specify a metric name");
        }
        name.format(Formats::pathSegment);
        Labels.checkSelector(metric.at("selector"));
    }

    private static void target(Field target) {
        Field type = target.at("type");
        if (type.empty()) {
            type.required("must specify a metric target type");
        }
        if (!type.is("Utilization") && !type.is("Value") && !type.is("AverageValue")) {
            type.invalidValue(type.text(), "must be either Utilization, Value, or AverageValue");
        }
        for (String amount : List.of("value", "averageValue")) {
            Field field = target.at(amount);
            if (field.present() && ResourceRules.quantityOrZero(field.node()).signum() != 1) {
                field.invalidValue(ResourceRules.quantityOrZero(field.node()).toString(), "must be positive");
            }
        }
        Field utilization = target.at("averageUtilization");
        if (utilization.present() && utilization.number() < 1) {
            utilization.invalid("must be greater than 0");
        }
    }

    private static void scaling(Field rules) {
        Field window = rules.at("stabilizationWindowSeconds");
        if (window.present()) {
            if (window.number() < 0) {
                window.invalid("must be greater than or equal to zero");
            }
            if (window.number() > 3600) {
                window.invalid("must be less than or equal to 3600");
            }
        }
        Field select = rules.at("selectPolicy");
        select.ifPresent(policy -> policy.oneOf("Disabled", "Max", "Min"));
        Field policies = rules.at("policies");
        if (policies.empty()) {
            policies.required("must specify at least one Policy");
        }
        for (Field policy : policies.items()) {
            policy.at("type").oneOf("Percent", "Pods");
            if (policy.at("value").number() <= 0) {
                policy.at("value").invalidValue(policy.at("value").number(), "must be greater than zero");
            }
            Field period = policy.at("periodSeconds");
            if (period.number() <= 0) {
                period.invalidValue(period.number(), "must be greater than zero");
            } else if (period.number() > 1800) {
                period.invalid("must be less than or equal to 1800");
            }
        }
        Field tolerance = rules.at("tolerance");
        if (tolerance.present()) {
            ResourceRules.nonNegative(tolerance);
        }
    }
}
