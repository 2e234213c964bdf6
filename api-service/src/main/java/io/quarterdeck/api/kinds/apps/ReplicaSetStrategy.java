package io.quarterdeck.api.kinds.apps;

import static io.quarterdeck.api.validation.Rules.at;
import static io.quarterdeck.api.validation.Rules.immutable;
import static io.quarterdeck.api.validation.Rules.nonNegative;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.PodTemplates;
import io.quarterdeck.api.kinds.core.ReplicaRules;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.JsonNodeFactory;

/** Replica sets. Source: Kubernetes API reference "ReplicaSet". */
@Component
final class ReplicaSetStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(
            at("spec.replicas", nonNegative()),
            at("spec.minReadySeconds", nonNegative()),
            at("spec", spec -> WorkloadRules.selectorAndTemplate(spec, "deployment", "ReplicaSet")),
            at("spec.selector", immutable()));
    private static final Rules STATUS = Rules.of(at("status", ReplicaRules::status));

    @Override
    public GroupResource resource() {
        return new GroupResource("apps", "replicasets");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set("status", JsonNodeFactory.instance.objectNode().put("replicas", 0));
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
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
        return PodTemplates.columns(TableColumns.of("replicasets.apps"), "spec.template.spec.containers")
                .number("Desired", "spec.replicas")
                .number("Current", "status.replicas")
                .number("Ready", "status.readyReplicas")
                .text("Selector", object -> Cells.selector(object.at("spec.selector")))
                .columns();
    }
}
