package io.quarterdeck.controller.replicaset;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatusBuilder;
import io.quarterdeck.controller.replicas.ReplicaCounts;
import io.quarterdeck.controller.replicas.ReplicaDecision;
import io.quarterdeck.controller.replicas.ReplicaOwner;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.Selectors;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Outcome;
import io.quarterdeck.reconcile.Owners;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Keeps as many pods as a replica set asks for. */
@Component
public final class ReplicaSetReconciler implements Reconciler<ReplicaSet> {

    @Override
    public Class<ReplicaSet> kind() {
        return ReplicaSet.class;
    }

    @Override
    public String name() {
        return "replicaset";
    }

    @Override
    public void watches(Watches<ReplicaSet> watches) {
        watches.index(ReplicaSet.class, Owners.CONTROLLER_UID)
                .index(Pod.class, Owners.CONTROLLER_UID)
                .also(Pod.class, ReplicaSetReconciler::owners);
    }

    /** The controller of a pod, or whoever might adopt it. */
    private static Collection<ObjectKey> owners(Pod pod, View view) {
        if (Owners.controllerOf(pod).isPresent()) {
            return Owners.controllerKey(pod, ReplicaSet.class);
        }
        List<ObjectKey> keys = new ArrayList<>();
        for (ReplicaSet candidate :
                view.lister(ReplicaSet.class).inNamespace(pod.getMetadata().getNamespace())) {
            if (Selectors.matches(
                    candidate.getSpec().getSelector(), pod.getMetadata().getLabels())) {
                keys.add(new ObjectKey(
                        candidate.getMetadata().getNamespace(),
                        candidate.getMetadata().getName()));
            }
        }
        return keys;
    }

    @Override
    public Plan reconcile(ReplicaSet set, View view) {
        ReplicaOwner owner = new ReplicaOwner(
                set,
                set.getSpec().getSelector() == null
                        ? LabelSelector.EVERYTHING
                        : Selectors.of(set.getSpec().getSelector()),
                Optional.ofNullable(set.getSpec().getReplicas()).orElse(1),
                Optional.ofNullable(set.getSpec().getMinReadySeconds()).orElse(0),
                set.getSpec().getTemplate());
        List<Pod> pods = view.lister(Pod.class).inNamespace(set.getMetadata().getNamespace());
        ReplicaDecision decision = ReplicaDecision.of(owner, pods, related(set, view), view.now());
        return decision.plan(set, outcome -> status(set, decision.counts(), outcome, view.now()));
    }

    /** Pods of all replica sets under the same controller, so that a rolling deployment is judged as one. */
    private static List<Pod> related(ReplicaSet set, View view) {
        List<ReplicaSet> sets = Owners.controllerOf(set)
                .map(owner -> view.lister(ReplicaSet.class).byIndex(Owners.CONTROLLER_UID, owner.getUid()))
                .orElse(List.of(set));
        return sets.stream()
                .flatMap(one ->
                        view
                                .lister(Pod.class)
                                .byIndex(
                                        Owners.CONTROLLER_UID, one.getMetadata().getUid())
                                .stream())
                .toList();
    }

    private static Optional<Action> status(ReplicaSet set, ReplicaCounts counts, Outcome outcome, Instant now) {
        ReplicaSetStatus before = set.getStatus() == null ? new ReplicaSetStatus() : set.getStatus();
        ReplicaSetStatus after = new ReplicaSetStatusBuilder(before)
                .withReplicas(counts.replicas())
                .withFullyLabeledReplicas(ReplicaCounts.orAbsent(counts.fullyLabeled()))
                .withReadyReplicas(ReplicaCounts.orAbsent(counts.ready()))
                .withAvailableReplicas(ReplicaCounts.orAbsent(counts.available()))
                .withTerminatingReplicas(counts.terminating())
                .withObservedGeneration(set.getMetadata().getGeneration())
                .withConditions(ReplicaDecision.conditions(
                        before.getConditions(),
                        outcome,
                        ReplicaSetCondition::getType,
                        (reason, message) -> new ReplicaSetConditionBuilder()
                                .withType(ReplicaDecision.REPLICA_FAILURE)
                                .withStatus("True")
                                .withLastTransitionTime(
                                        now.truncatedTo(ChronoUnit.SECONDS).toString())
                                .withReason(reason)
                                .withMessage(message)
                                .build()))
                .build();
        if (after.equals(before)) {
            return Optional.empty();
        }
        HasMetadata next = set.edit().withStatus(after).build();
        return Optional.of(new Action.UpdateStatus(next));
    }
}
