package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.Quantity;
import org.springframework.stereotype.Component;

/** Only a bound claim grows, and only where its storage class can. */
@Component
final class PersistentVolumeClaimResize implements AdmissionPlugin {

    private static final GroupResource CLASSES = new GroupResource("storage.k8s.io", "storageclasses");
    private static final String SIZE = "spec.resources.requests.storage";

    private final CachedObjects objects;

    PersistentVolumeClaimResize(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "PersistentVolumeClaimResize";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (!request.is(Operation.UPDATE, "", "persistentvolumeclaims")) {
            return;
        }
        Document claim = request.body();
        Document old = request.stored();
        if (!old.has(SIZE)
                || !claim.has(SIZE)
                || Quantity.parse(old.text(SIZE)).compareTo(Quantity.parse(claim.text(SIZE))) >= 0) {
            return;
        }
        if (!old.text("status.phase").equals("Bound")) {
            throw request.forbidden("Only bound persistent volume claims can be expanded");
        }
        String className = className(claim);
        boolean expandable = !className.isEmpty()
                && className.equals(className(old))
                && objects.find(CLASSES, ObjectKey.clusterScoped(className))
                        .map(found -> found.flag("allowVolumeExpansion"))
                        .orElse(false);
        if (!expandable) {
            throw request.forbidden("only dynamically provisioned pvc can be resized and the storageclass that"
                    + " provisions the pvc must support resize");
        }
    }

    private static String className(Document claim) {
        String beta = claim.annotation("volume.beta.kubernetes.io/storage-class");
        return beta != null ? beta : claim.text("spec.storageClassName");
    }
}
