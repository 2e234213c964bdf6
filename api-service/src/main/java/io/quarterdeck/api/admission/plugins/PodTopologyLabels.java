package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Tells a pod where it runs: its node's zone and region become its labels when it is bound, so that the downward API shows
 * them. Source: KEP-4742.
 */
@Component
final class PodTopologyLabels implements AdmissionPlugin {

    private static final GroupResource NODES = new GroupResource("", "nodes");
    private static final List<String> LABELS = List.of("topology.kubernetes.io/zone", "topology.kubernetes.io/region");

    private final CachedObjects objects;

    PodTopologyLabels(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "PodTopologyLabels";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        boolean placed = request.is(Operation.CREATE, "", "pods") || binding(request);
        if (!placed || request.body().text("spec.nodeName").isEmpty()) {
            return;
        }
        Document pod = request.body();
        objects.find(NODES, ObjectKey.clusterScoped(pod.text("spec.nodeName")))
                .ifPresent(node -> LABELS.forEach(label -> {
                    String value = node.labels().get(label);
                    if (value != null) {
                        pod.object("metadata.labels").put(label, value);
                    }
                }));
    }

    private static boolean binding(AdmissionRequest request) {
        return request.request().subresource().equals("binding")
                && request.resource().resource().equals(new GroupResource("", "pods"));
    }
}
