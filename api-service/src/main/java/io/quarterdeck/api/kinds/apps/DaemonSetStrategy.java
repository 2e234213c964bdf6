package io.quarterdeck.api.kinds.apps;

import static io.quarterdeck.api.validation.Rules.at;
import static io.quarterdeck.api.validation.Rules.immutable;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.PodTemplates;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Daemon sets. Source: Kubernetes API reference "DaemonSet". */
@Component
final class DaemonSetStrategy implements KindStrategy {

    private static final String TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";
    private static final List<String> COUNTS =
            List.of("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady");
    private static final Rules RULES = Rules.of(at("spec", DaemonSetStrategy::check), at("spec.selector", immutable()));
    private static final Rules STATUS = Rules.of(at("status", status -> {
        COUNTS.forEach(field -> status.at(field).nonNegative());
        List.of(
                        "observedGeneration",
                        "updatedNumberScheduled",
                        "numberAvailable",
                        "numberUnavailable",
                        "collisionCount")
                .forEach(field -> status.at(field).nonNegative());
    }));

    @Override
    public GroupResource resource() {
        return new GroupResource("apps", "daemonsets");
    }

    @Override
    public Set<String> versionedAnnotations() {
        return Set.of(TEMPLATE_GENERATION);
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        COUNTS.forEach(field -> status.put(field, 0));
        next.set("status", status);
        next.object("metadata.annotations").put(TEMPLATE_GENERATION, "1");
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
        String before = old.annotation(TEMPLATE_GENERATION);
        if (before != null) {
            boolean changed = !next.same("spec.template", old);
            long generation = before.matches("\\d{1,18}") ? Long.parseLong(before) : 0;
            next.object("metadata.annotations").put(TEMPLATE_GENERATION, "" + (changed ? generation + 1 : generation));
        }
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        String before = old.annotation(TEMPLATE_GENERATION);
        if (before != null) {
            next.object("metadata.annotations").put(TEMPLATE_GENERATION, before);
        }
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    private static void check(Field spec) {
        Field selector = spec.at("selector");
        Labels.checkSelector(selector);
        boolean readable = selector.findings().isEmpty();
        if (!selector.present()) {
            selector.required();
        }
        if (selector.present() && readable) {
            boolean all = Labels.emptySelector(selector);
            if (!all) {
                PodTemplates.checkSelected(spec.at("template"), selector.node());
            }
        }
        if (selector.present() && Labels.emptySelector(selector)) {
            selector.invalid("empty selector is invalid for daemonset");
        }
        PodTemplates.check(spec.at("template"));
        Field restart = spec.at("template.spec.restartPolicy");
        if (!restart.is("Always")) {
            restart.unsupported("Always");
        }
        Field deadline = spec.at("template.spec.activeDeadlineSeconds");
        if (deadline.present()) {
            deadline.forbidden("activeDeadlineSeconds in DaemonSet is not Supported");
        }
        spec.at("minReadySeconds").nonNegative();
        updateStrategy(spec.at("updateStrategy"));
        spec.at("revisionHistoryLimit").nonNegative();
    }

    private static void updateStrategy(Field strategy) {
        switch (strategy.at("type").text()) {
            case "OnDelete" -> {}
            case "RollingUpdate" -> {
                Field rolling = strategy.at("rollingUpdate");
                if (!rolling.present()) {
                    rolling.required();
                    return;
                }
                Field unavailable = rolling.at("maxUnavailable");
                Field surge = rolling.at("maxSurge");
                WorkloadRules.countOrPercent(unavailable);
                WorkloadRules.countOrPercent(surge);
                if (WorkloadRules.zero(unavailable) && WorkloadRules.zero(surge)) {
                    unavailable.required("cannot be 0 when maxSurge is 0");
                }
                if (!WorkloadRules.zero(unavailable) && !WorkloadRules.zero(surge)) {
                    surge.invalid("may not be set when maxUnavailable is non-zero");
                }
                WorkloadRules.atMostAll(unavailable);
                WorkloadRules.atMostAll(surge);
            }
            default -> strategy.at("type").unsupported("RollingUpdate", "OnDelete");
        }
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return old.isPresent() && next.same("spec.template", old.get())
                ? List.of()
                : PodTemplates.warnings("spec.template", next.at("spec.template"));
    }

    @Override
    public Optional<Columns> columns() {
        return PodTemplates.columns(TableColumns.of("daemonsets.apps"), "spec.template.spec.containers")
                .number("Desired", "status.desiredNumberScheduled")
                .number("Current", "status.currentNumberScheduled")
                .number("Ready", "status.numberReady")
                .number("Up-to-date", "status.updatedNumberScheduled")
                .number("Available", "status.numberAvailable")
                .text("Node Selector", object -> Cells.labels(object.at("spec.template.spec.nodeSelector")))
                .text("Selector", object -> Cells.selector(object.at("spec.selector")))
                .columns();
    }
}
