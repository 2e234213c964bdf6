package io.quarterdeck.controller.podgc;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.controller.Ticker;
import io.quarterdeck.controller.pods.Disruption;
import io.quarterdeck.controller.pods.PodStates;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.ActionPerformer;
import io.quarterdeck.reconcile.Controller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Removes pods for whom no kubelet is left to do it: on nodes that are gone or out of service, never scheduled but
 * deleted, and finished ones beyond a number. Source: Kubernetes documentation, "Garbage collection of Pods".
 */
public final class PodGcController implements Controller {

    private static final String COMPONENT = "pod-garbage-collector";
    private static final Duration PERIOD = Duration.ofSeconds(20);

    /** How long a node must be away before its pods are given up: it may have been created anew. */
    private static final Duration QUARANTINE = Duration.ofSeconds(40);

    private final ApiClient api;
    private final Informer<Pod> pods;
    private final Informer<Node> nodes;
    private final ActionPerformer performer;
    private final InstantSource clock;
    private final int threshold;
    private final Ticker ticker;
    private final Map<String, Instant> missing = new HashMap<>();

    /** @param threshold upstream's terminated-pod-gc-threshold; 0 keeps all */
    public PodGcController(
            ApiClient api, Informers informers, ActionPerformer performer, InstantSource clock, int threshold) {
        this.api = api;
        this.pods = informers.of(Pod.class);
        this.nodes = informers.of(Node.class);
        this.performer = performer;
        this.clock = clock;
        this.threshold = threshold;
        this.ticker = new Ticker("pod-garbage-collector", PERIOD, this::collect);
    }

    @Override
    public String name() {
        return "podgc";
    }

    @Override
    public void start() {
        missing.clear();
        ticker.start();
    }

    @Override
    public void stop() {
        ticker.stop();
    }

    @Override
    public State state() {
        return new State(name(), ticker.running(), 0, ticker.lastError(), "");
    }

    private void collect() {
        Instant now = clock.instant();
        List<Pod> all = pods.lister().all();
        List<Action> actions = new ArrayList<>();
        Set<String> gone = goneNodes(all, now);
        for (Pod pod : all) {
            String node = PodStates.nodeName(pod);
            if (node != null && gone.contains(node)) {
                actions.addAll(giveUp(
                        pod,
                        Disruption.patch(
                                pod,
                                "DeletionByPodGC",
                                "PodGC: node no longer exists",
                                PodStates.finished(pod) ? Optional.empty() : Optional.of("Failed"),
                                now)));
            } else if (PodStates.deleting(pod) && (node == null || outOfService(node))) {
                actions.addAll(giveUp(pod, fail(pod)));
            }
        }
        actions.addAll(tooManyFinished(all));
        // One pod's refusal must not keep the others.
        actions.forEach(action -> performer.perform(COMPONENT, List.of(action)));
    }

    private static List<Action> giveUp(Pod pod, Action note) {
        return PodStates.finished(pod) ? List.of(delete(pod)) : List.of(note, delete(pod));
    }

    private static Action fail(Pod pod) {
        return new Action.Patch(
                Pod.class,
                ObjectStore.keyOf(pod),
                "status",
                Action.PatchType.STRATEGIC,
                "{\"status\":{\"phase\":\"Failed\"},\"metadata\":{\"uid\":\""
                        + pod.getMetadata().getUid() + "\"}}");
    }

    private static Action delete(Pod pod) {
        return new Action.Delete(
                Pod.class, ObjectStore.keyOf(pod), pod.getMetadata().getUid(), Optional.empty(), Optional.of(0L));
    }

    private boolean outOfService(String name) {
        return nodes.lister()
                .get("", name)
                .filter(node -> node.getSpec().getTaints() != null
                        && node.getSpec().getTaints().stream()
                                .anyMatch(taint -> taint.getKey().equals("node.kubernetes.io/out-of-service"))
                        && node.getStatus().getConditions().stream()
                                .noneMatch(condition -> condition.getType().equals("Ready")
                                        && condition.getStatus().equals("True")))
                .isPresent();
    }

    private Set<String> goneNodes(List<Pod> all, Instant now) {
        Set<String> absent = new HashSet<>();
        for (Pod pod : all) {
            String node = PodStates.nodeName(pod);
            if (node != null && nodes.lister().get("", node).isEmpty()) {
                absent.add(node);
            }
        }
        missing.keySet().retainAll(absent);
        absent.forEach(node -> missing.putIfAbsent(node, now));
        Set<String> gone = new HashSet<>();
        missing.forEach((node, since) -> {
            if (!since.plus(QUARANTINE).isAfter(now) && isGone(node)) {
                gone.add(node);
            }
        });
        return gone;
    }

    private boolean isGone(String node) {
        try {
            api.get(ResourceType.of(Node.class), ObjectKey.clusterScoped(node));
            return false;
        } catch (StatusException refused) {
            return refused.code() == 404;
        }
    }

    private List<Action> tooManyFinished(List<Pod> all) {
        if (threshold <= 0) {
            return List.of();
        }
        List<Pod> finished = all.stream()
                .filter(PodStates::finished)
                .sorted(Comparator.comparing(
                                (Pod pod) -> "Evicted".equals(pod.getStatus().getReason()) ? 0 : 1)
                        .thenComparing(pod -> Instant.parse(pod.getMetadata().getCreationTimestamp())
                                .truncatedTo(ChronoUnit.SECONDS))
                        .thenComparing(pod -> pod.getMetadata().getName()))
                .toList();
        return finished.subList(0, Math.max(0, finished.size() - threshold)).stream()
                .map(PodGcController::delete)
                .toList();
    }
}
