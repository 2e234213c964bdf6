package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Cause;
import io.quarterdeck.model.StatusException.Details;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Nothing is made in a namespace that is not there or is ending, and the system's namespaces stay. */
@Component
final class NamespaceLifecycle implements AdmissionPlugin {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

    private final CachedObjects objects;

    NamespaceLifecycle(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "NamespaceLifecycle";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        String namespace = request.request().key().namespace();
        if (request.resource().resource().equals(NAMESPACES)) {
            if (request.operation() == Operation.DELETE
                    && IMMORTAL.contains(request.request().key().name())) {
                throw request.forbidden("this namespace may not be deleted");
            }
            return;
        }
        // An access review says nothing about whether its namespace exists.
        if (request.operation() != Operation.CREATE
                || !request.resource().namespaced()
                || namespace.isEmpty()
                || request.resource().plural().equals("localsubjectaccessreviews")) {
            return;
        }
        Document found = objects.find(NAMESPACES, ObjectKey.clusterScoped(namespace))
                .orElseThrow(() -> StatusException.notFound(NAMESPACES, namespace));
        if (found.deleting() || found.text("status.phase").equals("Terminating")) {
            throw new StatusException(
                    403,
                    "Forbidden",
                    request.forbidden("unable to create new content in namespace " + namespace
                                    + " because it is being terminated")
                            .text(),
                    Details.of(request.resource().resource(), request.shownName())
                            .with(List.of(new Cause(
                                    "NamespaceTerminating",
                                    "namespace " + namespace + " is being terminated",
                                    "metadata.namespace"))));
        }
    }
}
