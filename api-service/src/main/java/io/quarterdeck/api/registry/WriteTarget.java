package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.model.GroupVersionKind;
import java.util.Optional;

/** Where in a resource a request writes, and its other versions, for who keeps the owners of fields. */
record WriteTarget(ResourceDefinition resource, String subresource, StoredObjects objects)
        implements FieldOwnership.Target {

    @Override
    public GroupVersionKind kind() {
        return resource.gvk();
    }

    @Override
    public SettableFields settable(String apiVersion) {
        // Of a custom resource upstream knows what cannot be set in the version of the request alone.
        return resource.custom() && subresource.isEmpty() && !apiVersion.equals(kind().apiVersion())
                ? SettableFields.ALL
                : resource.strategy()
                        .settable(subresource, resource.subresource("status").isPresent());
    }

    @Override
    public Optional<Document> in(String apiVersion, Document object) {
        return objects.in(resource, apiVersion, object);
    }
}
