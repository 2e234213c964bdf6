package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.document.Document;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every image is pulled anew, so that only who may pull it can run it.
 *
 * <p>Source: Kubernetes documentation, "Admission Control in Kubernetes".
 */
@Component
final class AlwaysPullImages implements AdmissionPlugin {

    private static final List<String> LISTS =
            List.of("spec.initContainers", "spec.containers", "spec.ephemeralContainers");

    @Override
    public String name() {
        return "AlwaysPullImages";
    }

    @Override
    public boolean onByDefault() {
        return false;
    }

    @Override
    public void mutate(AdmissionRequest request) {
        String subresource = request.request().subresource();
        boolean pods = request.resource().resource().toString().equals("pods")
                && (subresource.isEmpty() || subresource.equals("ephemeralcontainers"));
        if (!pods || request.object() == null || request.operation() == Operation.DELETE) {
            return;
        }
        Document pod = request.body();
        for (String list : LISTS) {
            for (JsonNode container : pod.items(list)) {
                if (container instanceof ObjectNode object) {
                    object.put("imagePullPolicy", "Always");
                }
            }
        }
    }
}
