package io.quarterdeck.controller.replicas;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.controller.pods.DeletionOrder;
import io.quarterdeck.controller.pods.PodStates;
import io.quarterdeck.controller.pods.PodTemplates;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Outcome;
import io.quarterdeck.reconcile.Owners;
import io.quarterdeck.reconcile.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One round for an owner of pods: whom to adopt and release, whom to make or give up, and what the status says.
 *
 * @param actions to be performed in order
 * @param counts of the replicas before the actions
 * @param nextAvailable when a ready pod becomes available at the earliest
 */
public record ReplicaDecision(List<Action> actions, ReplicaCounts counts, Optional<Duration> nextAvailable) {

    public static final String REPLICA_FAILURE = "ReplicaFailure";

    /** Upstream's BurstReplicas: more are made or deleted in later rounds. */
    private static final int BURST = 500;

    /**
     * @param namesakes every pod of the owner's namespace
     * @param crowd pods that count when nodes are compared by how many related pods they hold
     */
    public static ReplicaDecision of(ReplicaOwner owner, List<Pod> namesakes, List<Pod> crowd, Instant now) {
        List<Action> actions = new ArrayList<>();
        List<Pod> mine = new ArrayList<>();
        int terminating = 0;
        for (Pod pod : namesakes) {
            boolean controlled = Owners.controls(owner.object(), pod);
            if (PodStates.terminating(pod)) {
                terminating += controlled ? 1 : 0;
            }
            if (!PodStates.active(pod)) {
                continue;
            }
            boolean selected = owner.selector().matches(labels(pod));
            if (controlled && selected) {
                mine.add(pod);
            } else if (controlled && !owner.deleting()) {
                actions.add(release(owner.object(), pod));
            } else if (selected && !owner.deleting() && Owners.controllerOf(pod).isEmpty()) {
                actions.add(adopt(owner.object(), pod));
                mine.add(pod);
            }
        }
        if (!owner.deleting()) {
            adjust(owner, mine, crowd, now).ifPresent(actions::add);
        }
        Optional<Duration> next = mine.stream()
                .flatMap(pod -> PodStates.untilAvailable(pod, owner.minReadySeconds(), now).stream())
                .min(Duration::compareTo);
        return new ReplicaDecision(List.copyOf(actions), count(owner, mine, terminating, now), next);
    }

    private static Optional<Action> adjust(ReplicaOwner owner, List<Pod> mine, List<Pod> crowd, Instant now) {
        int missing = owner.wanted() - mine.size();
        if (missing > 0) {
            return Optional.of(new Action.CreateMany(
                    Collections.nCopies(Math.min(missing, BURST), PodTemplates.pod(owner.object(), owner.template()))));
        }
        if (missing == 0) {
            return Optional.empty();
        }
        List<Pod> order = new ArrayList<>(mine);
        if (owner.wanted() > 0) {
            Map<String, Integer> perNode = new HashMap<>();
            for (Pod pod : crowd) {
                String node = PodStates.nodeName(pod);
                if (node != null && PodStates.active(pod)) {
                    perNode.merge(node, 1, Integer::sum);
                }
            }
            order.sort(DeletionOrder.of(perNode, now));
        }
        return Optional.of(new Action.Together(order.subList(0, Math.min(-missing, BURST)).stream()
                .map(Action.Delete::of)
                .toList()));
    }

    private static ReplicaCounts count(ReplicaOwner owner, List<Pod> mine, int terminating, Instant now) {
        Map<String, String> wanted = owner.template().getMetadata() == null
                        || owner.template().getMetadata().getLabels() == null
                ? Map.of()
                : owner.template().getMetadata().getLabels();
        int labeled = 0;
        int ready = 0;
        int available = 0;
        for (Pod pod : mine) {
            labeled += labels(pod).entrySet().containsAll(wanted.entrySet()) ? 1 : 0;
            ready += PodStates.ready(pod) ? 1 : 0;
            available += PodStates.available(pod, owner.minReadySeconds(), now) ? 1 : 0;
        }
        return new ReplicaCounts(mine.size(), labeled, ready, available, terminating);
    }

    /**
     * The plan of the round: the actions, then events that tell what became of them, and the status.
     *
     * @param status what to write, if anything; not asked when pods could not be claimed
     */
    public Plan plan(HasMetadata owner, Function<Outcome, Optional<Action>> status) {
        Plan plan = Plan.of(actions).afterwards(outcome -> {
            List<Action> then = new ArrayList<>(events(owner, outcome));
            if (claimed(outcome)) {
                status.apply(outcome).ifPresent(then::add);
            }
            return then;
        });
        return nextAvailable.map(plan::requeueAfter).orElse(plan);
    }

    private static List<Action> events(HasMetadata owner, Outcome outcome) {
        List<Action> events = new ArrayList<>();
        for (Outcome.Result result : outcome.results()) {
            if (result.action() instanceof Action.CreateMany) {
                result.written()
                        .forEach(pod -> events.add(event(
                                owner,
                                Action.EventType.NORMAL,
                                "SuccessfulCreate",
                                "Created pod: " + pod.getMetadata().getName())));
                result.failure()
                        .filter(failure -> !failure.namespaceTerminating())
                        .ifPresent(failure -> events.add(event(
                                owner,
                                Action.EventType.WARNING,
                                "FailedCreate",
                                "Error creating: " + failure.message())));
            } else if (result.action() instanceof Action.Delete deletion) {
                events.add(result.failure()
                        .map(failure -> event(
                                owner,
                                Action.EventType.WARNING,
                                "FailedDelete",
                                "Error deleting: " + failure.message()))
                        .orElseGet(() -> event(
                                owner,
                                Action.EventType.NORMAL,
                                "SuccessfulDelete",
                                "Deleted pod: " + deletion.key().name())));
            }
        }
        return events;
    }

    /**
     * The conditions with ReplicaFailure as it is now: there from the first failure until all went well.
     *
     * @param make a condition from reason and message
     */
    public static <C> List<C> conditions(
            @Nullable List<C> before, Outcome outcome, Function<C, String> type, BiFunction<String, String, C> make) {
        List<C> conditions = new ArrayList<>(before == null ? List.of() : before);
        Optional<Map.Entry<String, String>> failure = replicaFailure(outcome);
        if (failure.isEmpty()) {
            conditions.removeIf(condition -> REPLICA_FAILURE.equals(type.apply(condition)));
        } else if (conditions.stream().noneMatch(condition -> REPLICA_FAILURE.equals(type.apply(condition)))) {
            conditions.add(make.apply(failure.get().getKey(), failure.get().getValue()));
        }
        return conditions;
    }

    private static Optional<Map.Entry<String, String>> replicaFailure(Outcome outcome) {
        return outcome.results().stream()
                .filter(result -> result.failure().isPresent())
                .flatMap(result -> switch (result.action()) {
                    case Action.CreateMany many ->
                        result.failure().stream()
                                .filter(failure -> !failure.namespaceTerminating())
                                .map(failure -> Map.entry("FailedCreate", failure.message()));
                    case Action.Delete delete ->
                        result.failure().stream().map(failure -> Map.entry("FailedDelete", failure.message()));
                    default -> Optional.<Map.Entry<String, String>>empty().stream();
                })
                .findFirst();
    }

    /** Whether the pods could be claimed: a status from a wrong set of pods would be a lie. */
    private static boolean claimed(Outcome outcome) {
        return outcome.results().stream()
                .noneMatch(result -> result.action() instanceof Action.Patch
                        && result.failure().isPresent());
    }

    private static Action event(HasMetadata owner, Action.EventType type, String reason, String message) {
        return new Action.EmitEvent(owner, type, reason, message, Map.of());
    }

    private static Action adopt(HasMetadata owner, Pod pod) {
        String body = """
                {"metadata":{"ownerReferences":[{"apiVersion":"%s","kind":"%s","name":"%s","uid":"%s",\
                "controller":true,"blockOwnerDeletion":true}],"uid":"%s"}}""".formatted(
                        owner.getApiVersion(),
                        owner.getKind(),
                        owner.getMetadata().getName(),
                        owner.getMetadata().getUid(),
                        pod.getMetadata().getUid());
        return patch(pod, body);
    }

    private static Action release(HasMetadata owner, Pod pod) {
        String body =
                """
                {"metadata":{"ownerReferences":[{"$patch":"delete","uid":"%s"}],"uid":"%s"}}""".formatted(owner.getMetadata().getUid(), pod.getMetadata().getUid());
        return patch(pod, body);
    }

    private static Action patch(Pod pod, String body) {
        return new Action.Patch(
                Pod.class,
                new ObjectKey(
                        pod.getMetadata().getNamespace(), pod.getMetadata().getName()),
                "",
                Action.PatchType.STRATEGIC,
                body);
    }

    private static Map<String, String> labels(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }
}
