package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.document.Document;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;

/** Claims, volumes and attribute classes outlive their deletion while they are in use. */
@Component
final class StorageObjectInUseProtection implements AdmissionPlugin {

    @Override
    public String name() {
        return "StorageObjectInUseProtection";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (request.is(Operation.CREATE, "", "persistentvolumeclaims")) {
            protect(request.body(), "kubernetes.io/pvc-protection");
        } else if (request.is(Operation.CREATE, "", "persistentvolumes")) {
            protect(request.body(), "kubernetes.io/pv-protection");
        } else if (request.is(Operation.CREATE, "storage.k8s.io", "volumeattributesclasses")) {
            protect(request.body(), "kubernetes.io/vac-protection");
        }
    }

    private static void protect(Document object, String finalizer) {
        if (!object.finalizers().contains(finalizer)) {
            ArrayNode finalizers = object.at("metadata.finalizers") instanceof ArrayNode array
                    ? array
                    : object.object("metadata").putArray("finalizers");
            finalizers.add(finalizer);
        }
    }
}
