package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import org.springframework.stereotype.Component;

/** A claim that names no storage class gets the default one. */
@Component
final class DefaultStorageClass implements AdmissionPlugin {

    private static final GroupResource CLASSES = new GroupResource("storage.k8s.io", "storageclasses");

    private final CachedObjects objects;

    DefaultStorageClass(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "DefaultStorageClass";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "persistentvolumeclaims")) {
            return;
        }
        Document claim = request.body();
        // An empty name says "none"; only an absent one asks for the default.
        if (claim.has("spec.storageClassName") || claim.annotation("volume.beta.kubernetes.io/storage-class") != null) {
            return;
        }
        DefaultClasses.of(
                        objects.list(CLASSES, ""),
                        "storageclass.kubernetes.io/is-default-class",
                        "storageclass.beta.kubernetes.io/is-default-class")
                .ifPresent(found -> claim.set("spec.storageClassName", found.name()));
    }
}
