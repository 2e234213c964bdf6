package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Namespaces. Source: Kubernetes API reference "Namespace". */
@Component
final class NamespaceStrategy implements KindStrategy {

    private static final String NAME_LABEL = "kubernetes.io/metadata.name";
    private static final Rules RULES = Rules.of(Rules.at("spec.finalizers", Rules.each(NamespaceStrategy::finalizer)));
    private static final Rules STATUS = Rules.of(NamespaceStrategy::phase);

    @Override
    public GroupResource resource() {
        return new GroupResource("", "namespaces");
    }

    @Override
    public NameRule nameRule() {
        return NameRule.DNS_LABEL;
    }

    @Override
    public void applyDefaults(Document object) {
        if (!object.name().isEmpty()) {
            object.object("metadata.labels").put(NAME_LABEL, object.name());
        }
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set("status", JsonNodeFactory.instance.objectNode().put("phase", "Active"));
        applyDefaults(next);
        ArrayNode finalizers = next.at("spec.finalizers") instanceof ArrayNode present
                ? present
                : next.object("spec").putArray("finalizers");
        if (finalizers.valueStream().noneMatch(name -> name.asString("").equals("kubernetes"))) {
            finalizers.add("kubernetes");
        }
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("spec.finalizers", old);
        if (next.at("spec").isEmpty() && !old.has("spec")) {
            next.remove("spec");
        }
        next.keep("status", old);
    }

    @Override
    public void prepareForSubresourceUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
    }

    /** Whoever finalizes sets as little of the status as who writes the namespace itself. */
    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return KindStrategy.super.settable(subresource.equals("finalize") ? "" : subresource, statusApart);
    }

    @Override
    public boolean mayVanish(Document object) {
        return object.at("spec.finalizers").isEmpty();
    }

    @Override
    public void markDeleting(Document object) {
        object.set("status.phase", "Terminating");
        object.remove("metadata.deletionGracePeriodSeconds");
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
    public List<FieldError> validateSubresourceUpdate(Document next, Document old, RequestInfo request) {
        return RULES.check(next, old);
    }

    private static void finalizer(Field finalizer) {
        finalizer.format(Formats::qualifiedName);
        if (!finalizer.text().contains("/")
                && !Set.of("kubernetes", "orphan", "foregroundDeletion").contains(finalizer.text())) {
            finalizer.invalid("name is neither a standard finalizer name nor is it fully qualified");
        }
    }

    private static void phase(Field namespace) {
        Field phase = namespace.at("status.phase").as("status.Phase");
        boolean deleting = !namespace.at("metadata.deletionTimestamp").empty();
        if (!deleting && !phase.is("Active")) {
            phase.invalidValue(phase.text(), "may only be 'Active' if `deletionTimestamp` is empty");
        } else if (deleting && !phase.is("Terminating")) {
            phase.invalidValue(phase.text(), "may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(SelectableField.of("status.phase"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("namespaces").text("Status", "status.phase").columns();
    }
}
