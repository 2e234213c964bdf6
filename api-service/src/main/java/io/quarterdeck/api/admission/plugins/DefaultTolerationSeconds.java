package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.document.Document;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Pods stay on a node that is not ready or cannot be reached for five minutes, unless they say otherwise. */
@Component
final class DefaultTolerationSeconds implements AdmissionPlugin {

    private static final long SECONDS = 300;
    private static final List<String> TAINTS =
            List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");

    @Override
    public String name() {
        return "DefaultTolerationSeconds";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "pods") && !request.is(Operation.UPDATE, "", "pods")) {
            return;
        }
        Document pod = request.body();
        for (String taint : TAINTS) {
            if (pod.items("spec.tolerations").stream().noneMatch(toleration -> tolerates(toleration, taint))) {
                ArrayNode tolerations = pod.at("spec.tolerations") instanceof ArrayNode array
                        ? array
                        : pod.object("spec").putArray("tolerations");
                tolerations
                        .addObject()
                        .put("key", taint)
                        .put("operator", "Exists")
                        .put("effect", "NoExecute")
                        .put("tolerationSeconds", SECONDS);
            }
        }
    }

    private static boolean tolerates(JsonNode toleration, String taint) {
        String key = toleration.path("key").asString("");
        String effect = toleration.path("effect").asString("");
        return (key.isEmpty() || key.equals(taint)) && (effect.isEmpty() || effect.equals("NoExecute"));
    }
}
