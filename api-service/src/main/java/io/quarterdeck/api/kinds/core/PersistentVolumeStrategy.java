package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.JsonNodeFactory;

/** Persistent volumes. Source: Kubernetes API reference "PersistentVolume". */
@Component
final class PersistentVolumeStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(
            volume -> VolumeSourceRules.spec(
                    volume.at("spec"), volume.at("metadata.name").text(), false),
            Rules.onUpdate(
                    // Upstream judges the spec once more in an update, and reports what it finds twice.
                    volume -> VolumeSourceRules.spec(
                            volume.at("spec"), volume.at("metadata.name").text(), false),
                    VolumeSourceRules::update));

    @Override
    public GroupResource resource() {
        return new GroupResource("", "persistentvolumes");
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set("status", JsonNodeFactory.instance.objectNode().put("phase", "Pending"));
        stamp(next, request);
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        if (!next.text("status.phase").equals(old.text("status.phase"))) {
            stamp(next, request);
        } else if (!next.has("status.lastPhaseTransitionTime") && old.has("status.lastPhaseTransitionTime")) {
            next.keep("status.lastPhaseTransitionTime", old);
        }
    }

    private static void stamp(Document volume, RequestInfo request) {
        volume.set(
                "status.lastPhaseTransitionTime",
                request.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        List<String> warnings = new ArrayList<>();
        if (next.annotation("volume.beta.kubernetes.io/storage-class") != null) {
            warnings.add(
                    "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead");
        }
        if (next.text("spec.persistentVolumeReclaimPolicy").equals("Recycle")) {
            warnings.add(
                    "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.");
        }
        if (next.has("spec.photonPersistentDisk")) {
            warnings.add("spec.photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+");
        }
        for (String removed : List.of("scaleIO", "storageos")) {
            if (next.has("spec." + removed)) {
                warnings.add("spec.%s: deprecated in v1.22, non-functional in v1.25+"
                        .formatted(removed.equals("storageos") ? "storageOS" : removed));
            }
        }
        if (next.has("spec.glusterfs")) {
            warnings.add("spec.glusterfs: deprecated in v1.25, non-functional in v1.26+");
        }
        for (String removed : List.of("cephfs", "rbd")) {
            if (next.has("spec." + removed)) {
                warnings.add("spec.%s: deprecated in v1.28, non-functional in v1.31+".formatted(removed));
            }
        }
        return warnings;
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("persistentvolumes")
                .text("Capacity", volume -> volume.at("spec.capacity.storage").asString(""))
                .text("Access Modes", volume -> Cells.accessModes(volume.at("spec.accessModes")))
                .text("Reclaim Policy", "spec.persistentVolumeReclaimPolicy")
                .text("Status", volume -> volume.deleting() ? "Terminating" : volume.text("status.phase"))
                .text("Claim", PersistentVolumeStrategy::claim)
                .text("StorageClass", PersistentVolumeStrategy::storageClass)
                .text("VolumeAttributesClass", volume -> Cells.orUnset(volume.text("spec.volumeAttributesClassName")))
                .text("Reason", "status.reason")
                .text("VolumeMode", volume -> Cells.orUnset(volume.text("spec.volumeMode")))
                .columns();
    }

    private static String claim(Document volume) {
        String name = volume.text("spec.claimRef.name");
        return volume.has("spec.claimRef") ? volume.text("spec.claimRef.namespace") + "/" + name : "";
    }

    static String storageClass(Document object) {
        String beta = object.annotation("volume.beta.kubernetes.io/storage-class");
        return beta != null ? beta : object.text("spec.storageClassName");
    }
}
