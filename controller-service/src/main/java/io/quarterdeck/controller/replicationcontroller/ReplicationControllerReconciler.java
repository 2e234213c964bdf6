package io.quarterdeck.controller.replicationcontroller;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ReplicationControllerCondition;
import io.fabric8.kubernetes.api.model.ReplicationControllerConditionBuilder;
import io.fabric8.kubernetes.api.model.ReplicationControllerStatus;
import io.fabric8.kubernetes.api.model.ReplicationControllerStatusBuilder;
import io.quarterdeck.controller.replicas.ReplicaCounts;
import io.quarterdeck.controller.replicas.ReplicaDecision;
import io.quarterdeck.controller.replicas.ReplicaOwner;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Keeps as many pods as a replication controller asks for. */
@Component
public final class ReplicationControllerReconciler implements Reconciler<ReplicationController> {

    @Override
    public Class<ReplicationController> kind() {
        return ReplicationController.class;
    }

    @Override
    public String name() {
        return "replicationmanager";
    }

    @Override
    public String component() {
        return "replication-controller";
    }

    @Override
    public void watches(Watches<ReplicationController> watches) {
        watches.index(Pod.class, Owners.CONTROLLER_UID).also(Pod.class, ReplicationControllerReconciler::owners);
    }

    /** The controller of a pod, or whoever might adopt it. */
    private static Collection<ObjectKey> owners(Pod pod, View view) {
        if (Owners.controllerOf(pod).isPresent()) {
            return Owners.controllerKey(pod, ReplicationController.class);
        }
        Map<String, String> labels = pod.getMetadata().getLabels() == null
                ? Map.of()
                : pod.getMetadata().getLabels();
        return view
                .lister(ReplicationController.class)
                .inNamespace(pod.getMetadata().getNamespace())
                .stream()
                .filter(candidate -> candidate.getSpec().getSelector() != null
                        && Selectors.of(candidate.getSpec().getSelector()).matches(labels))
                .map(candidate -> new ObjectKey(
                        candidate.getMetadata().getNamespace(),
                        candidate.getMetadata().getName()))
                .toList();
    }

    @Override
    public Plan reconcile(ReplicationController controller, View view) {
        ReplicaOwner owner = new ReplicaOwner(
                controller,
                Selectors.of(controller.getSpec().getSelector()),
                Optional.ofNullable(controller.getSpec().getReplicas()).orElse(1),
                Optional.ofNullable(controller.getSpec().getMinReadySeconds()).orElse(0),
                controller.getSpec().getTemplate());
        List<Pod> pods =
                view.lister(Pod.class).inNamespace(controller.getMetadata().getNamespace());
        List<Pod> own = view.lister(Pod.class)
                .byIndex(Owners.CONTROLLER_UID, controller.getMetadata().getUid());
        ReplicaDecision decision = ReplicaDecision.of(owner, pods, own, view.now());
        return decision.plan(controller, outcome -> status(controller, decision.counts(), outcome, view.now()));
    }

    private static Optional<Action> status(
            ReplicationController controller, ReplicaCounts counts, Outcome outcome, Instant now) {
        ReplicationControllerStatus before =
                controller.getStatus() == null ? new ReplicationControllerStatus() : controller.getStatus();
        ReplicationControllerStatus after = new ReplicationControllerStatusBuilder(before)
                .withReplicas(counts.replicas())
                .withFullyLabeledReplicas(ReplicaCounts.orAbsent(counts.fullyLabeled()))
                .withReadyReplicas(ReplicaCounts.orAbsent(counts.ready()))
                .withAvailableReplicas(ReplicaCounts.orAbsent(counts.available()))
                .withObservedGeneration(controller.getMetadata().getGeneration())
                .withConditions(ReplicaDecision.conditions(
                        before.getConditions(),
                        outcome,
                        ReplicationControllerCondition::getType,
                        (reason, message) -> new ReplicationControllerConditionBuilder()
                                .withType(ReplicaDecision.REPLICA_FAILURE)
                                .withStatus("True")
                                .withLastTransitionTime(
                                        now.truncatedTo(ChronoUnit.SECONDS).toString())
                                .withReason(reason)
                                .withMessage(message)
                                .build()))
                .build();
        return after.equals(before)
                ? Optional.empty()
                : Optional.of(new Action.UpdateStatus(
                        controller.edit().withStatus(after).build()));
    }
}
