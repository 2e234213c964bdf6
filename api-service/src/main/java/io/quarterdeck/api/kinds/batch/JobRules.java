package io.quarterdeck.api.kinds.batch;

import io.quarterdeck.api.kinds.InternalForm;
import io.quarterdeck.api.kinds.core.PodTemplates;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Rules about the spec of a Job, alone or as a template. */
final class JobRules {

    private static final int MOST_INDEXES = 100_000;

    private JobRules() {}

    /** What holds in a template too. */
    static void spec(Field spec) {
        for (String field : List.of(
                "parallelism",
                "completions",
                "activeDeadlineSeconds",
                "backoffLimit",
                "ttlSecondsAfterFinished",
                "backoffLimitPerIndex",
                "maxFailedIndexes")) {
            spec.at(field).nonNegative();
        }
        Field failedIndexes = spec.at("maxFailedIndexes");
        Field perIndex = spec.at("backoffLimitPerIndex");
        if (failedIndexes.present() && !perIndex.present()) {
            perIndex.required("when maxFailedIndexes is specified");
        }
        managedBy(spec.at("managedBy"));
        Field mode = spec.at("completionMode");
        boolean indexed = mode.is("Indexed");
        if (mode.present()) {
            mode.oneOf("NonIndexed", "Indexed");
        }
        if (indexed) {
            indexes(spec);
        } else {
            for (Field field : List.of(perIndex, failedIndexes)) {
                if (field.present()) {
                    field.invalid("requires indexed completion mode");
                }
            }
        }
        Field failurePolicy = spec.at("podFailurePolicy");
        if (failurePolicy.present()) {
            failurePolicy(failurePolicy, spec);
        }
        Field successPolicy = spec.at("successPolicy");
        if (successPolicy.present()) {
            if (indexed) {
                successPolicy(successPolicy, spec);
            } else {
                successPolicy.invalidValue(successPolicyText(successPolicy), "requires indexed completion mode");
            }
        }
        replacementPolicy(spec.at("podReplacementPolicy"), failurePolicy.present());
        PodTemplates.check(spec.at("template"));
        Field restart = spec.at("template.spec.restartPolicy");
        if (restart.empty() || restart.is("Always")) {
            restart.required("valid values: \"OnFailure\", \"Never\"");
        } else {
            restart.oneOf("OnFailure", "Never");
        }
        if (failurePolicy.present() && !restart.is("Never")) {
            restart.invalidValue(restart.text(), "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }

    private static void managedBy(Field managedBy) {
        if (!managedBy.present()) {
            return;
        }
        managedBy.requireDomainPrefixedPath();
        if (managedBy.text().length() > 63) {
            managedBy.tooLong(63);
        }
    }

    private static void indexes(Field spec) {
        Field completions = spec.at("completions");
        Field parallelism = spec.at("parallelism");
        Field failed = spec.at("maxFailedIndexes");
        if (!completions.present()) {
            completions.required("when completion mode is Indexed");
        }
        if (parallelism.number() > MOST_INDEXES) {
            parallelism.invalid(
                    "must be less than or equal to %d when completion mode is Indexed".formatted(MOST_INDEXES));
        }
        if (completions.present() && failed.present() && failed.number() > completions.number()) {
            failed.invalid("must be less than or equal to completions");
        }
        if (failed.number() > MOST_INDEXES) {
            failed.invalid("must be less than or equal to %d".formatted(MOST_INDEXES));
        }
        if (spec.at("backoffLimitPerIndex").present() && completions.number() > MOST_INDEXES) {
            if (!failed.present()) {
                failed.required("must be specified when completions is above %d".formatted(MOST_INDEXES));
            } else if (failed.number() > 10_000) {
                failed.invalid(
                        "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index");
            }
            if (parallelism.number() > 10_000) {
                parallelism.invalid(
                        "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index");
            }
        }
    }

    private static void failurePolicy(Field policy, Field spec) {
        Field rules = policy.at("rules");
        if (rules.items().size() > 20) {
            rules.tooMany(rules.items().size(), 20);
        }
        Set<String> containers = new HashSet<>();
        for (String list : List.of("initContainers", "containers")) {
            spec.at("template.spec")
                    .at(list)
                    .items()
                    .forEach(container -> containers.add(container.at("name").text()));
        }
        for (Field rule : rules.items()) {
            Field action = rule.at("action");
            if (action.empty()) {
                action.required("valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
            } else if (action.is("FailIndex")
                    && !spec.at("backoffLimitPerIndex").present()) {
                action.invalid("requires the backoffLimitPerIndex to be set");
            } else {
                action.oneOf("Count", "FailIndex", "FailJob", "Ignore");
            }
            Field codes = rule.at("onExitCodes");
            Field conditions = rule.at("onPodConditions");
            if (codes.present()) {
                exitCodes(codes, containers);
            }
            if (!conditions.empty()) {
                conditions(conditions);
            }
            if (codes.present() && !conditions.empty()) {
                rule.invalidValue("", "specifying both OnExitCodes and OnPodConditions is not supported");
            }
            if (!codes.present() && conditions.empty()) {
                rule.invalidValue("", "specifying one of OnExitCodes and OnPodConditions is required");
            }
        }
    }

    private static void exitCodes(Field codes, Set<String> containers) {
        Field operator = codes.at("operator");
        if (operator.empty()) {
            operator.required("valid values: [\"In\" \"NotIn\"]");
        } else {
            operator.oneOf("In", "NotIn");
        }
        Field container = codes.at("containerName");
        if (container.present() && !containers.contains(container.text())) {
            container.invalid("must be one of the container or initContainer names in the pod template");
        }
        Field values = codes.at("values");
        if (values.empty()) {
            values.invalid("at least one value is required");
        } else if (values.items().size() > 255) {
            values.tooMany(values.items().size(), 255);
        }
        Set<Long> seen = new HashSet<>();
        boolean ordered = true;
        long previous = Long.MIN_VALUE;
        for (Field value : values.items()) {
            if (operator.is("In") && value.number() == 0) {
                value.invalid("must not be 0 for the In operator");
            }
            if (!seen.add(value.number())) {
                value.duplicate();
            }
            ordered &= previous <= value.number();
            previous = value.number();
        }
        if (!ordered) {
            values.invalid("must be ordered");
        }
    }

    private static void conditions(Field conditions) {
        if (conditions.items().size() > 20) {
            conditions.tooMany(conditions.items().size(), 20);
        }
        for (Field condition : conditions.items()) {
            Field type = condition.at("type");
            type.format(Formats::qualifiedName);
            Field status = condition.at("status");
            if (status.empty()) {
                status.required("valid values: [\"False\" \"True\" \"Unknown\"]");
            } else {
                status.oneOf("False", "True", "Unknown");
            }
        }
    }

    private static void successPolicy(Field policy, Field spec) {
        Field rules = policy.at("rules");
        if (rules.empty()) {
            rules.required("at least one rules must be specified when the successPolicy is specified");
        }
        if (rules.items().size() > 20) {
            rules.tooMany(rules.items().size(), 20);
        }
        for (Field rule : rules.items()) {
            Field indexes = rule.at("succeededIndexes");
            Field count = rule.at("succeededCount");
            if (!indexes.present() && !count.present()) {
                rule.required("at least one of succeededCount or succeededIndexes must be specified");
            }
            if (count.present()) {
                count.nonNegative();
                if (spec.at("completions").present()
                        && count.number() > spec.at("completions").number()) {
                    count.invalid("must be less than or equal to %d (the number of specified completions)"
                            .formatted(spec.at("completions").number()));
                }
            }
        }
    }

    private static Values.Raw successPolicyText(Field policy) {
        StringBuilder rules = new StringBuilder();
        for (Field rule : policy.at("rules").items()) {
            rules.append(rules.isEmpty() ? "" : ",")
                    .append("{\"SucceededIndexes\":%s,\"SucceededCount\":%s}"
                            .formatted(
                                    Values.print(rule.at("succeededIndexes").node()),
                                    Values.print(rule.at("succeededCount").node())));
        }
        return new Values.Raw("{\"Rules\":" + (policy.at("rules").present() ? "[" + rules + "]" : "null") + "}");
    }

    private static void replacementPolicy(Field policy, boolean failurePolicy) {
        if (!policy.present()) {
            return;
        }
        if (failurePolicy) {
            policy.oneOf("Failed");
        } else {
            policy.oneOf("Failed", "TerminatingOrFailed");
        }
    }

    /** A Job of its own: its selector is made for it, or chosen with care. */
    static void job(Field job) {
        Field spec = job.at("spec");
        if (!spec.at("manualSelector").flag()) {
            generatedSelector(job);
        }
        selected(spec);
    }

    /** The rules of a spec that has a selector. */
    private static void selected(Field spec) {
        spec(spec);
        Field selector = spec.at("selector");
        if (selector.present()) {
            Labels.checkSelector(selector);
        } else {
            selector.required();
        }
        PodTemplates.checkSelected(spec.at("template"), selector.node());
    }

    private static void generatedSelector(Field job) {
        Field selector = job.at("spec.selector");
        if (!selector.present()) {
            return;
        }
        String uid = job.at("metadata.uid").text();
        String name = job.at("metadata.name").text();
        Field labels = job.at("spec.template.metadata.labels");
        String[][] expected = {
            {"controller-uid", uid},
            {"batch.kubernetes.io/controller-uid", uid},
            {"job-name", name},
            {"batch.kubernetes.io/job-name", name}
        };
        for (String[] label : expected) {
            JsonNode value = labels.node().path(label[0]);
            if (!value.isString()) {
                labels.required("must be '%s'".formatted(label[1]));
            } else if (!value.stringValue().equals(label[1])) {
                labels.invalid("must be '%s'".formatted(label[1]));
            }
        }
        ObjectNode own = JsonNodeFactory.instance.objectNode();
        own.put("batch.kubernetes.io/controller-uid", uid).put("controller-uid", uid);
        if (selector.present() && !Labels.selects(selector.node(), own)) {
            selector.invalid("`selector` not auto-generated");
        }
    }

    static void update(Field job) {
        Field spec = job.at("spec");
        // Upstream judges the spec once more in an update, and reports what it finds twice.
        selected(spec);
        completions(spec);
        spec.at("selector").immutable();
        template(job, spec);
        for (String field :
                List.of("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")) {
            spec.at(field).immutable();
        }
    }

    private static void completions(Field spec) {
        Field completions = spec.at("completions");
        if (!completions.changed()) {
            return;
        }
        Field parallelism = spec.at("parallelism");
        boolean elastic = spec.at("completionMode").is("Indexed")
                && completions.present()
                && completions.old().isNumber();
        if (!elastic) {
            completions.immutable();
        } else if (!completions.node().equals(parallelism.node())
                || !completions.old().equals(parallelism.old())) {
            completions.invalid("can only be modified in tandem with parallelism");
        }
    }

    /** While a Job is suspended and has not run, where its pods go may still change. */
    private static void template(Field job, Field spec) {
        Field template = spec.at("template");
        if (!template.changed()) {
            return;
        }
        ObjectNode next = (ObjectNode) template.node().deepCopy();
        JsonNode old = template.old();
        boolean suspended = job.at("spec.suspend").old().asBoolean(false)
                && job.at("status.startTime").empty();
        if (suspended && next.path("spec") instanceof ObjectNode podSpec) {
            for (String field : List.of("affinity", "nodeSelector", "tolerations", "schedulingGates")) {
                keep(podSpec, field, old.path("spec"));
            }
            for (String list : List.of("containers", "initContainers")) {
                for (int i = 0;
                        i < podSpec.path(list).size()
                                && i < old.path("spec").path(list).size();
                        i++) {
                    keep(
                            (ObjectNode) podSpec.path(list).get(i),
                            "resources",
                            old.path("spec").path(list).get(i));
                }
            }
            if (next.path("metadata") instanceof ObjectNode metadata) {
                keep(metadata, "labels", old.path("metadata"));
                keep(metadata, "annotations", old.path("metadata"));
            }
        }
        if (!Values.same(next, old)) {
            template.invalidValue(InternalForm.compact("PodTemplateSpec", template.node()), "field is immutable");
        }
    }

    private static void keep(ObjectNode target, String field, JsonNode old) {
        if (old.path(field).isMissingNode()) {
            target.remove(field);
        } else {
            target.set(field, old.path(field));
        }
    }
}
