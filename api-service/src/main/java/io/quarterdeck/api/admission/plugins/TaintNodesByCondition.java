package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.document.Document;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;

/** A new node takes no pods before its conditions are known. */
@Component
final class TaintNodesByCondition implements AdmissionPlugin {

    private static final String NOT_READY = "node.kubernetes.io/not-ready";

    @Override
    public String name() {
        return "TaintNodesByCondition";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "nodes")) {
            return;
        }
        Document node = request.body();
        boolean tainted = node.items("spec.taints").stream()
                .anyMatch(taint -> taint.path("key").asString("").equals(NOT_READY)
                        && taint.path("effect").asString("").equals("NoSchedule"));
        if (!tainted) {
            ArrayNode taints = node.at("spec.taints") instanceof ArrayNode array
                    ? array
                    : node.object("spec").putArray("taints");
            taints.addObject().put("key", NOT_READY).put("effect", "NoSchedule");
        }
    }
}
