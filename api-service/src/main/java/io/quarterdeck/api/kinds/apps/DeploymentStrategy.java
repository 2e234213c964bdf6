package io.quarterdeck.api.kinds.apps;

import static io.quarterdeck.api.validation.Rules.at;
import static io.quarterdeck.api.validation.Rules.immutable;
import static io.quarterdeck.api.validation.Rules.nonNegative;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.PodTemplates;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Deployments. Source: Kubernetes API reference "Deployment". */
@Component
final class DeploymentStrategy implements KindStrategy {

    private static final SettableFields OF_STATUS = SettableFields.allBut("spec", "metadata.labels");

    private static final Rules RULES = Rules.of(
            at("spec.replicas", nonNegative()),
            at("spec", spec -> WorkloadRules.selectorAndTemplate(spec, "deployment", "ReplicaSet")),
            at("spec.strategy", DeploymentStrategy::strategy),
            at("spec.minReadySeconds", nonNegative()),
            at("spec.revisionHistoryLimit", nonNegative()),
            at("spec", DeploymentStrategy::progress),
            at("spec.selector", immutable()));
    private static final Rules STATUS = Rules.of(at("status", DeploymentStrategy::status));

    @Override
    public GroupResource resource() {
        return new GroupResource("apps", "deployments");
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return subresource.equals("status") ? OF_STATUS : KindStrategy.super.settable(subresource, statusApart);
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        long generation = old.number("metadata.generation", 0);
        boolean changed = !Values.same(next.at("spec"), old.at("spec"))
                || !next.annotations().equals(old.annotations());
        next.set("metadata.generation", changed ? generation + 1 : generation);
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        next.keep("metadata.labels", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    private static void strategy(Field strategy) {
        Field rolling = strategy.at("rollingUpdate");
        switch (strategy.at("type").text()) {
            case "Recreate" ->
                rolling.ifPresent(field -> field.forbidden("may not be specified when strategy `type` is 'Recreate'"));
            case "RollingUpdate" -> {
                if (!rolling.present()) {
                    rolling.required("this should be defaulted and never be nil");
                } else {
                    rolling(rolling);
                }
            }
            default ->
                strategy.unsupportedValue(
                        WorkloadRules.shown(strategy, "maxUnavailable", "maxSurge"),
                        List.of("Recreate", "RollingUpdate"));
        }
    }

    private static void rolling(Field rolling) {
        Field unavailable = rolling.at("maxUnavailable");
        Field surge = rolling.at("maxSurge");
        WorkloadRules.countOrPercent(unavailable);
        WorkloadRules.countOrPercent(surge);
        if (WorkloadRules.zero(unavailable) && WorkloadRules.zero(surge)) {
            unavailable.invalid("may not be 0 when `maxSurge` is 0");
        }
        WorkloadRules.atMostAll(unavailable);
    }

    private static void progress(Field spec) {
        Field deadline = spec.at("progressDeadlineSeconds");
        if (deadline.present()) {
            deadline.nonNegative();
            if (deadline.number() <= spec.at("minReadySeconds").number()) {
                deadline.invalid("must be greater than minReadySeconds");
            }
        }
    }

    private static void status(Field status) {
        List.of(
                        "observedGeneration",
                        "replicas",
                        "updatedReplicas",
                        "readyReplicas",
                        "availableReplicas",
                        "unavailableReplicas")
                .forEach(field -> status.at(field).nonNegative());
        long replicas = status.at("replicas").number();
        for (String field : List.of("updatedReplicas", "readyReplicas", "availableReplicas")) {
            if (status.at(field).number() > replicas) {
                status.at(field).invalid("cannot be greater than status.replicas");
            }
        }
        if (status.at("availableReplicas").number() > status.at("readyReplicas").number()) {
            status.at("availableReplicas").invalid("cannot be greater than readyReplicas");
        }
        Field collisions = status.at("collisionCount");
        collisions.nonNegative();
        if (collisions.updating() && collisions.number() < collisions.old().asInt(0)) {
            collisions.invalidValue(collisions.number(), "cannot be decremented");
        }
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return old.isPresent() && next.same("spec.template", old.get())
                ? List.of()
                : PodTemplates.warnings("spec.template", next.at("spec.template"));
    }

    @Override
    public Optional<ScalePaths> scale() {
        return Optional.of(new ScalePaths("spec.replicas", "status.replicas", "spec.selector"));
    }

    @Override
    public Optional<Columns> columns() {
        return PodTemplates.columns(TableColumns.of("deployments.apps"), "spec.template.spec.containers")
                .text(
                        "Ready",
                        object -> object.number("status.readyReplicas", 0) + "/" + object.number("spec.replicas", 0))
                .number("Up-to-date", "status.updatedReplicas")
                .number("Available", "status.availableReplicas")
                .text("Selector", object -> Cells.selector(object.at("spec.selector")))
                .columns();
    }
}
