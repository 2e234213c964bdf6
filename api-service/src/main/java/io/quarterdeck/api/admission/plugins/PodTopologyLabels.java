package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
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
        String node = nodeOf(request);
        if (node.isEmpty()) {
            return;
        }
        objects.known(NODES, ObjectKey.clusterScoped(node))
                .ifPresent(found -> LABELS.forEach(label -> {
                    String value = found.labels().get(label);
                    if (value != null) {
                        request.body().object("metadata.labels").put(label, value);
                    }
                }));
    }

    /** Where the pod is to run; what a Binding is labelled with becomes the pod's. */
    private static String nodeOf(AdmissionRequest request) {
        if (request.is(Operation.CREATE, "", "pods")) {
            return request.body().text("spec.nodeName");
        }
        return request.operation() == Operation.CREATE
                        && request.body().kind().equals("Binding")
                        && request.resource().group().isEmpty()
                ? request.body().text("target.name")
                : "";
    }
}
