package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.document.Document;
import java.util.TreeSet;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Pods that ask for a device tolerate the taint that keeps others off its nodes.
 *
 * <p>Source: Kubernetes documentation, "Admission Control in Kubernetes".
 */
@Component
final class ExtendedResourceToleration implements AdmissionPlugin {

    @Override
    public String name() {
        return "ExtendedResourceToleration";
    }

    @Override
    public boolean onByDefault() {
        return false;
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "pods") && !request.is(Operation.UPDATE, "", "pods")) {
            return;
        }
        Document pod = request.body();
        TreeSet<String> devices = new TreeSet<>();
        for (ObjectNode container : PodContainers.initAndMain(pod)) {
            for (String resource : container.path("resources").path("requests").propertyNames()) {
                if (isExtended(resource)) {
                    devices.add(resource);
                }
            }
        }
        for (String device : devices) {
            boolean tolerated = pod.items("spec.tolerations").stream()
                    .anyMatch(toleration -> toleration.path("key").asString("").equals(device)
                            && toleration.path("operator").asString("").equals("Exists")
                            && toleration.path("effect").asString("").equals("NoSchedule"));
            if (!tolerated) {
                ArrayNode tolerations = pod.at("spec.tolerations") instanceof ArrayNode array
                        ? array
                        : pod.object("spec").putArray("tolerations");
                tolerations
                        .addObject()
                        .put("key", device)
                        .put("operator", "Exists")
                        .put("effect", "NoSchedule");
            }
        }
    }

    private static boolean isExtended(String resource) {
        return resource.contains("/") && !resource.contains("kubernetes.io/") && !resource.startsWith("requests.");
    }
}
