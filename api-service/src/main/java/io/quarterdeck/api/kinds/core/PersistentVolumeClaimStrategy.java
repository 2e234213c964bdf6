package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.InternalForm;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Persistent volume claims. Source: Kubernetes API reference "PersistentVolumeClaim". */
@Component
final class PersistentVolumeClaimStrategy implements KindStrategy {

    private static final Rules RULES =
            Rules.of(claim -> ClaimRules.spec(claim.at("spec")), Rules.onUpdate(PersistentVolumeClaimStrategy::update));
    private static final Rules STATUS = Rules.of(PersistentVolumeClaimStrategy::status);

    private static final String FOREIGN = "spec.dataSourceRef.namespace";

    @Override
    public GroupResource resource() {
        return new GroupResource("", "persistentvolumeclaims");
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set("status", JsonNodeFactory.instance.objectNode().put("phase", "Pending"));
        dropForeignSource(next, Document.empty());
        mirror(next);
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        dropForeignSource(next, old);
        mirror(next);
    }

    /** Volumes are not filled from another namespace (feature gate CrossNamespaceVolumeDataSource). */
    private static void dropForeignSource(Document next, Document old) {
        if (!next.text(FOREIGN).isEmpty() && old.text(FOREIGN).isEmpty()) {
            next.remove("spec.dataSourceRef");
        }
    }

    /** {@code dataSource} and {@code dataSourceRef} say the same while they can. */
    private static void mirror(Document claim) {
        JsonNode source = claim.at("spec.dataSource");
        JsonNode reference = claim.at("spec.dataSourceRef");
        if (source.isObject() && !claim.has("spec.dataSourceRef")) {
            claim.set("spec.dataSourceRef", source.deepCopy());
        } else if (reference.isObject()
                && !claim.has("spec.dataSource")
                && claim.text(FOREIGN).isEmpty()) {
            ObjectNode copy = (ObjectNode) reference.deepCopy();
            copy.remove("namespace");
            claim.set("spec.dataSource", copy);
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

    private static void update(Field claim) {
        Field spec = claim.at("spec");
        if (!(spec.node() instanceof ObjectNode node)) {
            return;
        }
        ObjectNode next = node.deepCopy();
        JsonNode old = spec.old();
        // Binding may still fill in what was left open.
        if (old.path("volumeName").asString("").isEmpty()) {
            keep(next, "volumeName", old);
        }
        if (old.path("storageClassName").asString("").isEmpty()
                && claim.at("metadata.annotations").node().has("volume.beta.kubernetes.io/storage-class")) {
            keep(next, "storageClassName", old);
        }
        if (!old.has("storageClassName")) {
            keep(next, "storageClassName", old);
        }
        boolean bound = claim.at("status.phase").is("Bound");
        if (bound) {
            Field requests = spec.at("resources.requests");
            if (next.path("resources").path("requests") instanceof ObjectNode target) {
                JsonNode before = requests.old().path("storage");
                if (!before.isMissingNode()) {
                    target.set("storage", before);
                }
            }
            keep(next, "volumeAttributesClassName", old);
        }
        if (!Values.same(next, old)) {
            spec.forbidden(
                    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
                            + InternalForm.diff("PersistentVolumeClaimSpec", old, next));
        } else if (bound) {
            shrink(claim);
        }
        spec.at("volumeMode").as("volumeMode").immutable();
        Field attributes = spec.at("volumeAttributesClassName");
        if (bound && attributes.old().isString() && !attributes.present()) {
            attributes.forbidden("update from non-nil value to nil is forbidden");
        }
    }

    private static void shrink(Field claim) {
        Field storage = claim.at("spec.resources.requests").key("storage");
        var before = ResourceRules.quantityOrZero(storage.old());
        var after = ResourceRules.quantityOrZero(storage.node());
        var capacity =
                ResourceRules.quantityOrZero(claim.at("status.capacity").node().path("storage"));
        if (after.compareTo(before) < 0 && after.compareTo(capacity) <= 0) {
            claim.at("spec.resources.requests.storage").forbidden("field can not be less than status.capacity");
        }
    }

    private static void keep(ObjectNode target, String field, JsonNode old) {
        if (old.path(field).isMissingNode()) {
            target.remove(field);
        } else {
            target.set(field, old.path(field));
        }
    }

    private static void status(Field claim) {
        for (String map : List.of("capacity", "allocatedResources")) {
            claim.at("status").at(map).entries((name, quantity) -> {
                if (ResourceRules.quantityOrZero(quantity.node()).signum() < 0) {
                    quantity.invalidValue(
                            ResourceRules.quantityOrZero(quantity.node()).longValue(),
                            "must be a valid resource quantity");
                }
            });
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("persistentvolumeclaims")
                .text("Status", claim -> claim.deleting() ? "Terminating" : claim.text("status.phase"))
                .text("Volume", "spec.volumeName")
                .text(
                        "Capacity",
                        claim -> claim.text("spec.volumeName").isEmpty()
                                ? ""
                                : claim.at("status.capacity").path("storage").asString("0"))
                .text(
                        "Access Modes",
                        claim -> claim.text("spec.volumeName").isEmpty()
                                ? ""
                                : Cells.accessModes(claim.at("status.accessModes")))
                .text("StorageClass", PersistentVolumeStrategy::storageClass)
                .text("VolumeAttributesClass", claim -> Cells.orUnset(claim.text("spec.volumeAttributesClassName")))
                .text("VolumeMode", claim -> Cells.orUnset(claim.text("spec.volumeMode")))
                .columns();
    }
}
