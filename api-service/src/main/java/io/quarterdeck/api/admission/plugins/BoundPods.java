package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.List;

/** Changes of what a pod on a node asks for, which its node has to be able to follow. */
final class BoundPods {

    private static final GroupResource NODES = new GroupResource("", "nodes");

    private BoundPods() {}

    /**
     * Whether the request changes the specification of a pod that has a node.
     *
     * @param subresources by which; empty for the pod itself
     */
    static boolean changes(AdmissionRequest request, List<String> subresources) {
        return request.operation() == Operation.UPDATE
                && request.resource().group().isEmpty()
                && request.resource().plural().equals("pods")
                && subresources.contains(request.request().subresource())
                && !request.body().text("spec.nodeName").isEmpty()
                && !request.body().same("metadata.generation", request.stored());
    }

    /** The pod's node; the request is refused when there is none. */
    static Document node(AdmissionRequest request, CachedObjects objects) {
        String name = request.body().text("spec.nodeName");
        return objects.find(NODES, ObjectKey.clusterScoped(name))
                .orElseThrow(() -> request.forbidden("node %s not found".formatted(GoQuote.quote(name))));
    }
}
