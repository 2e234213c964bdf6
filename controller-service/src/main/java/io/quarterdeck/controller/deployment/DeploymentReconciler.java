package io.quarterdeck.controller.deployment;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.controller.pods.PodStates;
import io.quarterdeck.feed.ObjectStore;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Rolls replica sets from one pod template to the next. Undo is not special: kubectl writes the old template back, and
 * its replica set is found again.
 */
@Component
public final class DeploymentReconciler implements Reconciler<Deployment> {

    private final ObjectSerialization serialization = new ObjectSerialization();

    @Override
    public Class<Deployment> kind() {
        return Deployment.class;
    }

    @Override
    public String name() {
        return "deployment";
    }

    @Override
    public void watches(Watches<Deployment> watches) {
        watches.index(Pod.class, Owners.CONTROLLER_UID)
                .also(ReplicaSet.class, DeploymentReconciler::owners)
                .also(Pod.class, DeploymentReconciler::ownersOfPod);
    }

    private static Collection<ObjectKey> owners(ReplicaSet set, View view) {
        if (Owners.controllerOf(set).isPresent()) {
            return Owners.controllerKey(set, Deployment.class);
        }
        return view.lister(Deployment.class).inNamespace(set.getMetadata().getNamespace()).stream()
                .filter(candidate -> Selectors.matches(
                        candidate.getSpec().getSelector(), set.getMetadata().getLabels()))
                .map(ObjectStore::keyOf)
                .toList();
    }

    /** A recreation waits for the last old pod to be gone. */
    private static Collection<ObjectKey> ownersOfPod(Pod pod, View view) {
        return Owners.controllerKey(pod, ReplicaSet.class).stream()
                .flatMap(key -> view.lister(ReplicaSet.class).get(key.namespace(), key.name()).stream())
                .flatMap(set -> owners(set, view).stream())
                .filter(key -> view.lister(Deployment.class)
                        .get(key.namespace(), key.name())
                        .filter(deployment -> !Sizes.rolling(deployment))
                        .isPresent())
                .toList();
    }

    @Override
    public Plan reconcile(Deployment deployment, View view) {
        LabelSelector selector = deployment.getSpec().getSelector() == null
                ? LabelSelector.EVERYTHING
                : Selectors.of(deployment.getSpec().getSelector());
        if (selector.isEverything()) {
            return selectsEverything(deployment);
        }
        boolean deleting = deployment.getMetadata().getDeletionTimestamp() != null;
        List<Action> claims = new ArrayList<>();
        List<ReplicaSet> sets = claim(deployment, selector, view, claims);
        if (!claims.isEmpty()) {
            // The next round sees them claimed.
            return Plan.of(claims);
        }
        Round round = new Round(deployment, sets, view.now(), template -> hash(deployment, template));
        if (deleting) {
            return Plan.of(round.endWithNumbers());
        }
        round.notePause();
        List<Action> actions = act(deployment, round, sets, view);
        Plan plan = Plan.of(actions);
        Optional<Action.Create> creation = round.creation();
        if (creation.isPresent()) {
            plan = plan.afterwards(outcome -> afterCreation(deployment, creation.get(), outcome, view.now()));
        }
        return round.again().isPresent() ? plan.requeueAfter(round.again().get()) : plan;
    }

    private static List<Action> act(Deployment deployment, Round round, List<ReplicaSet> sets, View view) {
        if (round.paused() || round.scaled()) {
            round.syncNewest(false);
            round.scale();
            if (round.paused()) {
                round.cleanUp();
            }
            return round.endWithNumbers();
        }
        if (Sizes.rolling(deployment)) {
            round.roll();
        } else {
            round.recreate(oldPodsRun(round, sets, view));
        }
        return round.endWithProgress();
    }

    private static boolean oldPodsRun(Round round, List<ReplicaSet> sets, View view) {
        String newest = round.newest().map(set -> set.getMetadata().getUid()).orElse("");
        return sets.stream()
                .map(set -> set.getMetadata().getUid())
                .filter(uid -> !uid.equals(newest))
                .flatMap(uid -> view.lister(Pod.class).byIndex(Owners.CONTROLLER_UID, uid).stream())
                .anyMatch(pod -> !PodStates.finished(pod));
    }

    /** The sets under this deployment, with the writes that adopt and release what its selector says. */
    private static List<ReplicaSet> claim(
            Deployment deployment, LabelSelector selector, View view, List<Action> claims) {
        boolean deleting = deployment.getMetadata().getDeletionTimestamp() != null;
        List<ReplicaSet> mine = new ArrayList<>();
        for (ReplicaSet set : view.lister(ReplicaSet.class)
                .inNamespace(deployment.getMetadata().getNamespace())) {
            Map<String, String> labels = set.getMetadata().getLabels();
            boolean selected = selector.matches(labels == null ? Map.of() : labels);
            if (Owners.controls(deployment, set)) {
                if (selected) {
                    mine.add(set);
                } else if (!deleting) {
                    claims.add(patch(set, """
                            {"metadata":{"ownerReferences":[{"$patch":"delete","uid":"%s"}],"uid":"%s"}}""".formatted(
                            deployment.getMetadata().getUid(), set.getMetadata().getUid())));
                }
            } else if (selected
                    && !deleting
                    && Owners.controllerOf(set).isEmpty()
                    && set.getMetadata().getDeletionTimestamp() == null) {
                claims.add(patch(set, """
                        {"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"%s",\
                        "uid":"%s","controller":true,"blockOwnerDeletion":true}],"uid":"%s"}}""".formatted(
                                deployment.getMetadata().getName(),
                                deployment.getMetadata().getUid(),
                                set.getMetadata().getUid())));
            }
        }
        return mine;
    }

    private static Action patch(ReplicaSet set, String body) {
        return new Action.Patch(ReplicaSet.class, ObjectStore.keyOf(set), "", Action.PatchType.STRATEGIC, body);
    }

    private String hash(Deployment deployment, PodTemplateSpec template) {
        Integer collisions =
                deployment.getStatus() == null ? null : deployment.getStatus().getCollisionCount();
        return TemplateHash.of(serialization.mapper().valueToTree(template), collisions);
    }

    /** The name may be taken by a set of another template, or the API may refuse the set. */
    private static List<Action> afterCreation(
            Deployment deployment, Action.Create creation, Outcome outcome, Instant now) {
        Optional<Outcome.Result> result = outcome.results().stream()
                .filter(one -> one.action() == creation)
                .findFirst();
        if (result.isEmpty()) {
            return List.of();
        }
        Optional<Outcome.Failure> failure = result.get().failure();
        boolean stranger = failure.filter(refusal -> refusal.reason().equals("AlreadyExists"))
                        .isPresent()
                || result.get().written().stream()
                        .anyMatch(set -> !Templates.equalIgnoringHash(
                                ((ReplicaSet) set).getSpec().getTemplate(),
                                deployment.getSpec().getTemplate()));
        if (!stranger && (failure.isEmpty() || failure.get().namespaceTerminating())) {
            return List.of();
        }
        DeploymentStatusBuilder status = deployment.getStatus() == null
                ? new DeploymentStatusBuilder()
                : new DeploymentStatusBuilder(deployment.getStatus());
        if (stranger || failure.isEmpty()) {
            Integer before = status.getCollisionCount();
            return List.of(update(deployment, status.withCollisionCount(before == null ? 1 : before + 1)));
        }
        String message = "Failed to create new replica set \"%s\": %s"
                .formatted(
                        creation.object().getMetadata().getName(), failure.get().message());
        List<Action> actions = new ArrayList<>();
        if (deployment.getSpec().getProgressDeadlineSeconds() != null) {
            Conditions conditions = new Conditions(status.buildConditions(), now);
            conditions.set(Conditions.PROGRESSING, "False", "ReplicaSetCreateError", message);
            actions.add(update(deployment, status.withConditions(conditions.list())));
        }
        actions.add(
                new Action.EmitEvent(deployment, Action.EventType.WARNING, "ReplicaSetCreateError", message, Map.of()));
        return actions;
    }

    private static Action update(Deployment deployment, DeploymentStatusBuilder status) {
        return new Action.UpdateStatus(
                deployment.edit().withStatus(status.build()).build());
    }

    private static Plan selectsEverything(Deployment deployment) {
        Long generation = deployment.getMetadata().getGeneration();
        List<Action> actions = new ArrayList<>();
        actions.add(new Action.EmitEvent(
                deployment,
                Action.EventType.WARNING,
                "SelectingAll",
                "This deployment is selecting all pods. A non-empty selector is required.",
                Map.of()));
        if (deployment.getStatus() == null
                || !generation.equals(deployment.getStatus().getObservedGeneration())) {
            DeploymentStatusBuilder status = deployment.getStatus() == null
                    ? new DeploymentStatusBuilder()
                    : new DeploymentStatusBuilder(deployment.getStatus());
            actions.add(update(deployment, status.withObservedGeneration(generation)));
        }
        return Plan.of(actions);
    }
}
