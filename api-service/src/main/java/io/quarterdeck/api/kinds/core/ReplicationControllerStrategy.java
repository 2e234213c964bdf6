package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Replication controllers, the elder of replica sets. */
@Component
final class ReplicationControllerStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(
            Rules.at("spec.minReadySeconds", Rules.nonNegative()),
            Rules.at("spec.selector", Rules.required()),
            Rules.at("spec.replicas", Rules.nonNegative()),
            ReplicationControllerStrategy::template);
    private static final Rules STATUS = Rules.of(Rules.at("status", ReplicaRules::status));

    @Override
    public GroupResource resource() {
        return new GroupResource("", "replicationcontrollers");
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

    private static void template(Field controller) {
        Field template = controller.at("spec.template");
        if (!template.present()) {
            template.required();
            return;
        }
        JsonNode selector = controller.at("spec.selector").node();
        if (!selector.isEmpty()) {
            PodTemplates.checkSelected(
                    template, JsonNodeFactory.instance.objectNode().set("matchLabels", selector));
        }
        PodTemplates.check(template);
        PodTemplates.runsAlways(template, "ReplicationController");
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return PodTemplates.warnings("spec.template", next.at("spec.template"));
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(SelectableField.of("status.replicas", "0"));
    }

    @Override
    public Optional<ScalePaths> scale() {
        return Optional.of(new ScalePaths("spec.replicas", "status.replicas", "spec.selector"));
    }

    @Override
    public Optional<Columns> columns() {
        return PodTemplates.columns(TableColumns.of("replicationcontrollers"), "spec.template.spec.containers")
                .number("Desired", "spec.replicas")
                .number("Current", "status.replicas")
                .number("Ready", "status.readyReplicas")
                .text("Selector", object -> Cells.labels(object.at("spec.selector")))
                .columns();
    }
}
