package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * A pod is changed only in ways that its node says it can follow.
 *
 * <p>Source: Kubernetes documentation, "Node Declared Features"; KEP-5328.
 */
@Component
final class NodeDeclaredFeatureValidator implements AdmissionPlugin {

    private final CachedObjects objects;

    NodeDeclaredFeatureValidator(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "NodeDeclaredFeatureValidator";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (!BoundPods.changes(request, List.of("", "resize"))) {
            return;
        }
        List<String> features = needed(request.body(), request.stored());
        if (features.isEmpty()) {
            return;
        }
        Document node = BoundPods.node(request, objects);
        node.items("status.declaredFeatures").forEach(declared -> features.remove(declared.asString("")));
        if (!features.isEmpty()) {
            throw request.forbidden("pod update requires features %s which are not available on node %s"
                    .formatted(String.join(", ", features), GoQuote.quote(node.name())));
        }
    }

    /** By name, as upstream tells them. */
    private static List<String> needed(Document pod, Document old) {
        List<String> features = new ArrayList<>();
        if (!pod.same("spec.resources", old)) {
            features.add("InPlacePodLevelResourcesVerticalScaling");
        }
        if (resizesInitContainers(pod.items("spec.initContainers"), old.items("spec.initContainers"))) {
            features.add("InPlacePodVerticalScalingInitContainers");
        }
        return features;
    }

    private static boolean resizesInitContainers(List<JsonNode> containers, List<JsonNode> old) {
        for (int i = 0; i < old.size(); i++) {
            boolean sidecar = old.get(i).path("restartPolicy").asString("").equals("Always");
            if (!sidecar
                    && !old.get(i).path("resources").equals(containers.get(i).path("resources"))) {
                return true;
            }
        }
        return false;
    }
}
