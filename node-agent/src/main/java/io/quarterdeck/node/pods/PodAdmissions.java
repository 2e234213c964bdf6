package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The pods that the node has taken, one after another. A pod with a start time was taken before. Thread-safe. */
public final class PodAdmissions {

    private final PodSource source;
    private final Supplier<Node> known;
    private final Supplier<Node> fresh;
    private final boolean appArmor;
    private final Set<String> taken = new HashSet<>();

    /**
     * @param known the Node object as it was a moment ago
     * @param fresh as it is; asked before a pod is refused, whose labels or capacity may have come just now
     * @param appArmor whether the kernel enforces its profiles
     */
    public PodAdmissions(PodSource source, Supplier<Node> known, Supplier<Node> fresh, boolean appArmor) {
        this.source = source;
        this.known = known;
        this.fresh = fresh;
        this.appArmor = appArmor;
    }

    /** Takes the pod, or says why not. */
    synchronized Optional<Refusal> admit(Pod pod) {
        String uid = pod.getMetadata().getUid();
        if (!started(pod)) {
            List<Pod> others = source.all().stream()
                    .filter(other -> !other.getMetadata().getUid().equals(uid))
                    .filter(other ->
                            started(other) || taken.contains(other.getMetadata().getUid()))
                    .filter(other -> !PodSpecs.ended(other))
                    .toList();
            if (PodAdmission.refusal(pod, known.get(), others, appArmor).isPresent()) {
                Optional<Refusal> refusal = PodAdmission.refusal(pod, fresh.get(), others, appArmor);
                if (refusal.isPresent()) {
                    return refusal;
                }
            }
        }
        taken.add(uid);
        return Optional.empty();
    }

    synchronized void forget(String uid) {
        taken.remove(uid);
    }

    private static boolean started(Pod pod) {
        return pod.getStatus() != null && pod.getStatus().getStartTime() != null;
    }
}
