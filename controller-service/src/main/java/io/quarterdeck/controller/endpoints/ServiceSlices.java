package io.quarterdeck.controller.endpoints;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.View;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Which slices a manager wrote for which service. */
final class ServiceSlices {

    static final String SERVICE_LABEL = "kubernetes.io/service-name";
    static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

    private ServiceSlices() {}

    /** The service of a slice that {@code manager} writes. */
    static Collection<ObjectKey> owner(EndpointSlice slice, String manager) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        if (labels == null || !manager.equals(labels.get(MANAGED_BY)) || labels.get(SERVICE_LABEL) == null) {
            return List.of();
        }
        return List.of(new ObjectKey(slice.getMetadata().getNamespace(), labels.get(SERVICE_LABEL)));
    }

    static List<EndpointSlice> existing(ObjectKey service, View view, String manager) {
        return view.lister(EndpointSlice.class).inNamespace(service.namespace()).stream()
                .filter(slice -> owner(slice, manager).contains(service))
                .filter(slice -> slice.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }
}
