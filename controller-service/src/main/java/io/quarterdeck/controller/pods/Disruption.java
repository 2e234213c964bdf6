package io.quarterdeck.controller.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.reconcile.Action;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The note on a pod that it ends by somebody's decision. Source: Kubernetes documentation, "Pod disruption conditions". */
public final class Disruption {

    private Disruption() {}

    /** @param phase what the pod's phase becomes; stays when empty */
    public static Action patch(Pod pod, String reason, String message, Optional<String> phase, Instant now) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        ObjectNode status = body.putObject("status");
        phase.ifPresent(next -> status.put("phase", next));
        status.putArray("conditions")
                .addObject()
                .put("type", "DisruptionTarget")
                .put("status", "True")
                .put("reason", reason)
                .put("message", message)
                .put("lastTransitionTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
        body.putObject("metadata").put("uid", pod.getMetadata().getUid());
        return new Action.Patch(
                Pod.class, ObjectStore.keyOf(pod), "status", Action.PatchType.STRATEGIC, body.toString());
    }
}
