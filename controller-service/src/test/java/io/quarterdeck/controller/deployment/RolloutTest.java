package io.quarterdeck.controller.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.quarterdeck.controller.FixedView;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Outcome;
import io.quarterdeck.reconcile.Owners;
import io.quarterdeck.reconcile.Plan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plays a small cluster: the plans are carried out, and pods come and go as the replica sets say. */
class RolloutTest {

    private final DeploymentReconciler reconciler = new DeploymentReconciler();
    private final Map<String, ReplicaSet> sets = new LinkedHashMap<>();
    private final List<String> events = new ArrayList<>();
    private Deployment deployment = deployment(3, "25%", "25%");
    private Instant now = FixedView.NOW;
    private String broken = "";
    private int lowestAvailable = Integer.MAX_VALUE;
    private int highestTotal;

    @Test
    void aNewDeploymentMakesOneSetAndProgresses() {
        settle();

        assertThat(sets.values()).singleElement().satisfies(set -> {
            assertThat(set.getSpec().getReplicas()).isEqualTo(3);
            assertThat(set.getMetadata().getAnnotations())
                    .containsEntry("deployment.kubernetes.io/revision", "1")
                    .containsEntry("deployment.kubernetes.io/desired-replicas", "3")
                    .containsEntry("deployment.kubernetes.io/max-replicas", "4");
        });
        assertThat(deployment.getMetadata().getAnnotations()).containsEntry("deployment.kubernetes.io/revision", "1");
        assertThat(reason("Available")).isEqualTo("MinimumReplicasAvailable");
        assertThat(reason("Progressing")).isEqualTo("NewReplicaSetAvailable");
        String name = sets.keySet().iterator().next();
        assertThat(events).containsExactly("Scaled up replica set " + name + " from 0 to 3");
    }

    @ParameterizedTest(name = "{0} replicas, surge {1}, unavailable {2}")
    @CsvSource({"4,1,0", "4,0,1", "4,25%,25%", "3,50%,50%", "10,30%,10%", "2,100%,100%", "3,2,0%", "1,0,0"})
    void aRollingUpdateStaysWithinItsBounds(int replicas, String surge, String unavailable) {
        deployment = deployment(replicas, surge, unavailable);
        settle();
        lowestAvailable = Integer.MAX_VALUE;
        highestTotal = 0;

        change("img:2");
        settle();

        assertThat(sets.values()).extracting(set -> set.getSpec().getReplicas()).containsExactly(0, replicas);
        assertThat(lowestAvailable).isGreaterThanOrEqualTo(replicas - Sizes.maxUnavailable(deployment));
        assertThat(highestTotal).isLessThanOrEqualTo(replicas + Sizes.maxSurge(deployment));
        assertThat(deployment.getMetadata().getAnnotations()).containsEntry("deployment.kubernetes.io/revision", "2");
    }

    @Test
    void anUndoFindsTheOldSetAgain() {
        settle();
        String first = sets.keySet().iterator().next();
        change("img:2");
        settle();
        change("img:1");
        settle();

        assertThat(sets).hasSize(2);
        assertThat(sets.get(first).getSpec().getReplicas()).isEqualTo(3);
        assertThat(sets.get(first).getMetadata().getAnnotations())
                .containsEntry("deployment.kubernetes.io/revision", "3")
                .containsEntry("deployment.kubernetes.io/revision-history", "1");
    }

    @Test
    void aRecreationHasNoTwoSetsAtOnce() {
        deployment = deployment
                .edit()
                .editSpec()
                .withNewStrategy()
                .withType("Recreate")
                .endStrategy()
                .endSpec()
                .build();
        settle();
        highestTotal = 0;
        change("img:2");
        settle();
        assertThat(highestTotal).isLessThanOrEqualTo(3);
        assertThat(sets.values()).extracting(set -> set.getSpec().getReplicas()).containsExactly(0, 3);
    }

    @Test
    void aStuckRolloutTimesOut() {
        settle();
        broken = "img:2";
        change("img:2");
        settle();
        assertThat(reason("Progressing")).isIn("ReplicaSetUpdated", "NewReplicaSetCreated");

        now = now.plusSeconds(601);
        settle();

        assertThat(reason("Progressing")).isEqualTo("ProgressDeadlineExceeded");
        assertThat(condition("Progressing").map(DeploymentCondition::getStatus)).contains("False");
        assertThat(reason("Available")).isEqualTo("MinimumReplicasAvailable");
    }

    @Test
    void aPausedDeploymentScalesInProportionButDoesNotRoll() {
        deployment = deployment(4, "1", "1");
        settle();
        broken = "img:2";
        change("img:2");
        settle();
        List<Integer> before =
                sets.values().stream().map(set -> set.getSpec().getReplicas()).toList();
        assertThat(before).containsExactly(3, 2);

        deployment = bump(deployment
                .edit()
                .editSpec()
                .withPaused(true)
                .withReplicas(8)
                .endSpec()
                .build());
        settle();

        assertThat(sets.values()).extracting(set -> set.getSpec().getReplicas()).containsExactly(5, 4);
        assertThat(reason("Progressing")).isEqualTo("DeploymentPaused");
    }

    @Test
    void historyIsCutToItsLimit() {
        deployment = bump(deployment
                .edit()
                .editSpec()
                .withRevisionHistoryLimit(1)
                .endSpec()
                .build());
        settle();
        for (int i = 2; i < 6; i++) {
            change("img:" + i);
            settle();
        }
        assertThat(sets.values())
                .extracting(set -> set.getMetadata().getAnnotations().get(Annotations.REVISION))
                .containsExactly("4", "5");
    }

    @Test
    void aNameTakenByAStrangerCountsACollision() {
        Plan plan = reconcile();
        Action.Create create = (Action.Create) plan.actions().getFirst();
        Outcome outcome = new Outcome(List.of(new Outcome.Result(
                create, List.of(), Optional.of(new Outcome.Failure(409, "AlreadyExists", "exists")))));

        List<Action> then = plan.afterwards().apply(outcome);

        assertThat(then)
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.UpdateStatus.class,
                        update -> assertThat(((Deployment) update.object())
                                        .getStatus()
                                        .getCollisionCount())
                                .isEqualTo(1));
    }

    @Test
    void aRefusedSetIsToldInConditionAndEvent() {
        Plan plan = reconcile();
        Outcome outcome = new Outcome(List.of(new Outcome.Result(
                plan.actions().getFirst(), List.of(), Optional.of(new Outcome.Failure(403, "Forbidden", "no room")))));

        List<Action> then = plan.afterwards().apply(outcome);

        assertThat(then).hasSize(2);
        assertThat(((Action.EmitEvent) then.get(1)).message())
                .startsWith("Failed to create new replica set \"web-")
                .endsWith("no room");
    }

    private Plan reconcile() {
        FixedView view = new FixedView().at(now).with(deployment);
        view.with(sets.values().toArray(HasMetadata[]::new));
        view.index(Pod.class, Owners.CONTROLLER_UID);
        return reconciler.reconcile(deployment, view);
    }

    private void settle() {
        for (int round = 0; round < 100; round++) {
            Plan plan = reconcile();
            boolean wrote = false;
            for (Action action : plan.actions()) {
                wrote |= perform(action);
            }
            if (!runPods() && !wrote) {
                return;
            }
        }
        throw new AssertionError("the rollout never settles: " + events);
    }

    private boolean perform(Action action) {
        switch (action) {
            case Action.Create create -> {
                ReplicaSet set = (ReplicaSet) create.object();
                sets.put(
                        set.getMetadata().getName(),
                        set.edit()
                                .editMetadata()
                                .withUid("uid-" + set.getMetadata().getName())
                                .withGeneration(1L)
                                .withCreationTimestamp(
                                        now.plusSeconds(sets.size()).toString())
                                .endMetadata()
                                .build());
            }
            case Action.Update update ->
                sets.put(update.object().getMetadata().getName(), (ReplicaSet) update.object());
            case Action.Delete delete -> sets.remove(delete.key().name());
            case Action.UpdateStatus update -> deployment = (Deployment) update.object();
            case Action.EmitEvent event -> events.add(event.message());
            default -> throw new AssertionError("unexpected " + action);
        }
        return !(action instanceof Action.EmitEvent);
    }

    /** Removes surplus pods at once and adds missing ones, ready at once unless their image is broken. */
    private boolean runPods() {
        boolean changed = false;
        for (ReplicaSet set : List.copyOf(sets.values())) {
            int wanted = set.getSpec().getReplicas();
            String image = set.getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst()
                    .getImage();
            int ready = image.equals(broken) ? 0 : wanted;
            ReplicaSet next = set.edit()
                    .withNewStatus()
                    .withReplicas(wanted)
                    .withReadyReplicas(ready)
                    .withAvailableReplicas(ready)
                    .withTerminatingReplicas(0)
                    .withObservedGeneration(set.getMetadata().getGeneration())
                    .endStatus()
                    .build();
            changed |= !next.equals(set);
            sets.put(set.getMetadata().getName(), next);
        }
        lowestAvailable = Math.min(lowestAvailable, Sizes.available(sets.values()));
        highestTotal = Math.max(highestTotal, Sizes.wanted(sets.values()));
        return changed;
    }

    private void change(String image) {
        deployment = bump(deployment
                .edit()
                .editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .withImage(image)
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build());
    }

    private static Deployment bump(Deployment changed) {
        changed.getMetadata().setGeneration(changed.getMetadata().getGeneration() + 1);
        return changed;
    }

    private Optional<DeploymentCondition> condition(String type) {
        return deployment.getStatus().getConditions().stream()
                .filter(one -> one.getType().equals(type))
                .findFirst();
    }

    private String reason(String type) {
        return condition(type).map(DeploymentCondition::getReason).orElse("");
    }

    private static Deployment deployment(int replicas, String surge, String unavailable) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace("d")
                .withName("web")
                .withUid("deployment")
                .withGeneration(1L)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withProgressDeadlineSeconds(600)
                .withRevisionHistoryLimit(10)
                .withNewSelector()
                .addToMatchLabels("app", "web")
                .endSelector()
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxSurge(value(surge))
                .withMaxUnavailable(value(unavailable))
                .endRollingUpdate()
                .endStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("img:1")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static IntOrString value(String text) {
        return text.endsWith("%") ? new IntOrString(text) : new IntOrString(Integer.parseInt(text));
    }
}
