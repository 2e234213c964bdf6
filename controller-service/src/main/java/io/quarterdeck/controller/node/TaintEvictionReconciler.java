package io.quarterdeck.controller.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.quarterdeck.controller.pods.Disruption;
import io.quarterdeck.controller.pods.PodStates;
import io.quarterdeck.feed.Index;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Deletes pods that do not tolerate a NoExecute taint of their node, or no longer do. */
@Component
public final class TaintEvictionReconciler implements Reconciler<Pod> {

    static final Index<Pod> NODE = new Index<>("node", pod -> {
        String node = PodStates.nodeName(pod);
        return node == null ? List.of() : List.of(node);
    });

    /** Evictions that wait for their toleration to end: since when. Deadlines must not move when a pod is looked at again. */
    private final Map<ObjectKey, Waiting> waiting = new ConcurrentHashMap<>();

    private record Waiting(String uid, Instant since) {}

    @Override
    public Class<Pod> kind() {
        return Pod.class;
    }

    @Override
    public String name() {
        return "taint_eviction";
    }

    @Override
    public String component() {
        return "taint-eviction-controller";
    }

    @Override
    public void watches(Watches<Pod> watches) {
        watches.index(Pod.class, NODE)
                .alsoWhen(
                        Node.class,
                        (before, after) -> !executing(before).equals(executing(after)),
                        (node, view) -> view
                                .lister(Pod.class)
                                .byIndex(NODE, node.getMetadata().getName())
                                .stream()
                                .map(ObjectStore::keyOf)
                                .toList());
    }

    private static List<Taint> executing(Node node) {
        return Taints.of(node).stream()
                .filter(taint -> Taints.NO_EXECUTE.equals(taint.getEffect()))
                .toList();
    }

    @Override
    public Plan gone(ObjectKey key, View view) {
        waiting.remove(key);
        return Plan.nothing();
    }

    @Override
    public Plan reconcile(Pod pod, View view) {
        ObjectKey key = ObjectStore.keyOf(pod);
        String node = PodStates.nodeName(pod);
        List<Taint> taints = node == null || PodStates.deleting(pod)
                ? List.of()
                : view.lister(Node.class)
                        .get("", node)
                        .map(TaintEvictionReconciler::executing)
                        .orElse(List.of());
        if (taints.isEmpty()) {
            return cancel(pod, key);
        }
        Optional<Duration> tolerated = tolerated(pod, taints);
        if (tolerated.isEmpty()) {
            return cancel(pod, key);
        }
        List<Action> actions = new ArrayList<>();
        if (tolerated.get().isZero()) {
            // What was to happen later happens now.
            actions.addAll(cancel(pod, key).actions());
        } else {
            Duration left = left(pod, key, tolerated.get(), view.now());
            if (left.isPositive()) {
                return Plan.nothing().requeueAfter(left);
            }
            waiting.remove(key);
        }
        actions.add(event(pod, "Marking for deletion Pod "));
        actions.add(Disruption.patch(
                pod,
                "DeletionByTaintManager",
                "Taint manager: deleting due to NoExecute taint",
                Optional.empty(),
                view.now()));
        actions.add(Action.Delete.of(pod));
        return Plan.of(actions);
    }

    private Duration left(Pod pod, ObjectKey key, Duration tolerated, Instant now) {
        Waiting since = waiting.compute(
                key,
                (same, known) ->
                        known != null && known.uid().equals(pod.getMetadata().getUid())
                                ? known
                                : new Waiting(pod.getMetadata().getUid(), now));
        return Duration.between(now, since.since().plus(tolerated));
    }

    private Plan cancel(Pod pod, ObjectKey key) {
        return waiting.remove(key) == null ? Plan.nothing() : Plan.of(event(pod, "Cancelling deletion of Pod "));
    }

    private static Action event(Pod pod, String what) {
        return new Action.EmitEvent(
                pod,
                Action.EventType.NORMAL,
                "TaintManagerEviction",
                what + pod.getMetadata().getNamespace() + "/"
                        + pod.getMetadata().getName(),
                Map.of());
    }

    /** How long the pod may stay; empty when for ever. */
    private static Optional<Duration> tolerated(Pod pod, List<Taint> taints) {
        List<Toleration> tolerations = pod.getSpec().getTolerations() == null
                ? List.of()
                : pod.getSpec().getTolerations();
        Optional<Duration> shortest = Optional.empty();
        for (Taint taint : taints) {
            List<Toleration> matching = tolerations.stream()
                    .filter(toleration -> Taints.tolerates(toleration, taint))
                    .toList();
            if (matching.isEmpty()) {
                return Optional.of(Duration.ZERO);
            }
            for (Toleration toleration : matching) {
                Long seconds = toleration.getTolerationSeconds();
                if (seconds != null) {
                    Duration one = Duration.ofSeconds(Math.max(0, seconds));
                    shortest =
                            shortest.filter(known -> known.compareTo(one) <= 0).or(() -> Optional.of(one));
                }
            }
        }
        return shortest;
    }
}
