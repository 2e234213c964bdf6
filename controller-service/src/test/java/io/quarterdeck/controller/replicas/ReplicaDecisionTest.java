package io.quarterdeck.controller.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.quarterdeck.controller.FixedView;
import io.quarterdeck.model.Selectors;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Outcome;
import io.quarterdeck.reconcile.Owners;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReplicaDecisionTest {

    private static final Instant NOW = FixedView.NOW;
    private static final PodTemplateSpec TEMPLATE = new PodTemplateSpecBuilder()
            .withNewMetadata()
            .addToLabels("app", "rs")
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .build();
    private static final ReplicaSet SET = new ReplicaSetBuilder()
            .withNewMetadata()
            .withNamespace("d")
            .withName("rs")
            .withUid("set")
            .endMetadata()
            .build();

    @Test
    void makesWhatIsMissing() {
        ReplicaDecision decision = decide(3, pod("a", one -> {}));

        assertThat(decision.actions()).singleElement().isInstanceOfSatisfying(Action.CreateMany.class, many -> {
            assertThat(many.objects()).hasSize(2);
            Pod pod = (Pod) many.objects().getFirst();
            assertThat(pod.getMetadata().getGenerateName()).isEqualTo("rs-");
            assertThat(Owners.controls(SET, pod)).isTrue();
        });
        assertThat(decision.counts()).isEqualTo(new ReplicaCounts(1, 1, 1, 1, 0));
    }

    @Test
    void adoptsWhatItSelectsAndReleasesWhatItNoLongerDoes() {
        Pod bare = pod("bare", one -> one.getMetadata().setOwnerReferences(List.of()));
        Pod strayed = pod("strayed", one -> one.getMetadata().setLabels(Map.of("app", "other")));

        ReplicaDecision decision = decide(1, bare, strayed);

        assertThat(decision.actions())
                .extracting(action -> ((Action.Patch) action).key().name()
                        + (((Action.Patch) action).body().contains("$patch") ? " released" : " adopted"))
                .containsExactly("bare adopted", "strayed released");
        assertThat(decision.counts().replicas()).isEqualTo(1);
    }

    @Test
    void leavesAloneWhatBelongsToAnother() {
        Pod foreign = pod(
                "foreign",
                one -> one.getMetadata().getOwnerReferences().getFirst().setUid("x"));
        assertThat(decide(0, foreign).actions()).isEmpty();
    }

    @Test
    void finishedAndDeletedPodsAreNoReplicas() {
        Pod failed = pod("failed", one -> one.getStatus().setPhase("Failed"));
        Pod ending = pod("ending", one -> one.getMetadata().setDeletionTimestamp("2026-01-01T11:59:59Z"));

        ReplicaDecision decision = decide(1, failed, ending, pod("a", one -> {}));

        assertThat(decision.actions()).isEmpty();
        assertThat(decision.counts()).isEqualTo(new ReplicaCounts(1, 1, 1, 1, 1));
    }

    @Test
    void readyPodsBecomeAvailableLater() {
        Pod fresh = pod("fresh", one -> {});
        ReplicaDecision decision = ReplicaDecision.of(owner(1, 90), List.of(fresh), List.of(), NOW);

        assertThat(decision.counts().ready()).isEqualTo(1);
        assertThat(decision.counts().available()).isZero();
        assertThat(decision.nextAvailable()).map(Duration::toSeconds).contains(30L);
    }

    @Test
    void aSetInDeletionMakesNothing() {
        ReplicaSet ending = SET.edit()
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T11:59:59Z")
                .endMetadata()
                .build();
        ReplicaOwner owner = new ReplicaOwner(ending, Selectors.of(Map.of("app", "rs")), 3, 0, TEMPLATE);
        assertThat(ReplicaDecision.of(owner, List.of(), List.of(), NOW).actions())
                .isEmpty();
    }

    static Stream<Arguments> victims() {
        return Stream.of(
                Arguments.of(
                        "without a node", (Consumer<Pod>) pod -> pod.getSpec().setNodeName(null)),
                Arguments.of("pending", (Consumer<Pod>) pod -> pod.getStatus().setPhase("Pending")),
                Arguments.of("not ready", (Consumer<Pod>)
                        pod -> pod.getStatus().getConditions().getFirst().setStatus("False")),
                Arguments.of("of lower deletion cost", (Consumer<Pod>) pod ->
                        pod.getMetadata().setAnnotations(Map.of("controller.kubernetes.io/pod-deletion-cost", "-5"))),
                Arguments.of("on the fuller node", (Consumer<Pod>)
                        pod -> pod.getSpec().setNodeName("full")),
                Arguments.of("ready for a shorter time", (Consumer<Pod>) pod ->
                        pod.getStatus().getConditions().getFirst().setLastTransitionTime("2026-01-01T11:59:59Z")),
                Arguments.of("restarted more often", (Consumer<Pod>)
                        pod -> pod.getStatus().getContainerStatuses().getFirst().setRestartCount(3)),
                Arguments.of("younger", (Consumer<Pod>)
                        pod -> pod.getMetadata().setCreationTimestamp("2026-01-01T11:59:50Z")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("victims")
    void givesUpFirst(String name, Consumer<Pod> trait) {
        Pod victim = pod("z-victim", trait);
        Pod[] pods = {pod("a", one -> {}), victim, pod("b", one -> {})};
        Pod crowd = pod("crowd", one -> one.getSpec().setNodeName("full"));
        Pod crowd2 = pod("crowd2", one -> one.getSpec().setNodeName("full"));
        Pod crowd3 = pod("crowd3", one -> one.getSpec().setNodeName("full"));

        ReplicaDecision decision = ReplicaDecision.of(
                owner(2, 0), List.of(pods), List.of(pods[0], pods[1], pods[2], crowd, crowd2, crowd3), NOW);

        assertThat(decision.actions())
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Together.class,
                        together -> assertThat(together.actions())
                                .extracting(
                                        action -> ((Action.Delete) action).key().name())
                                .containsExactly("z-victim"));
    }

    private static ReplicaDecision decide(int wanted, Pod... pods) {
        return ReplicaDecision.of(owner(wanted, 0), List.of(pods), List.of(pods), NOW);
    }

    private static ReplicaOwner owner(int wanted, int minReady) {
        return new ReplicaOwner(SET, Selectors.of(Map.of("app", "rs")), wanted, minReady, TEMPLATE);
    }

    private static Pod pod(String name, Consumer<Pod> trait) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace("d")
                .withName(name)
                .withUid("uid-" + name)
                .withCreationTimestamp("2026-01-01T11:00:00Z")
                .addToLabels("app", "rs")
                .withOwnerReferences(Owners.controlledBy(SET))
                .endMetadata()
                .withNewSpec()
                .withNodeName("node")
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .withLastTransitionTime("2026-01-01T11:59:00Z")
                .endCondition()
                .addNewContainerStatus()
                .withName("c")
                .withRestartCount(0)
                .endContainerStatus()
                .endStatus()
                .build();
        trait.accept(pod);
        return pod;
    }

    private static Outcome refused(int code, String message) {
        return new Outcome(List.of(new Outcome.Result(
                new Action.CreateMany(List.of(new PodBuilder().build())),
                List.of(),
                Optional.of(new Outcome.Failure(code, "Forbidden", message)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void replicaFailureComesAndGoes(String name, List<String> before, Outcome outcome, List<String> expected) {
        assertThat(ReplicaDecision.conditions(
                        before,
                        outcome,
                        condition -> condition.split(" ")[0],
                        (reason, message) -> "ReplicaFailure " + reason + " " + message))
                .isEqualTo(expected);
    }

    static Stream<Arguments> replicaFailureComesAndGoes() {
        Outcome quota = refused(403, "exceeded quota");
        return Stream.of(
                arguments("all well", List.of(), Outcome.NOTHING_TRIED, List.of()),
                arguments("first failure", List.of(), quota, List.of("ReplicaFailure FailedCreate exceeded quota")),
                arguments(
                        "the first message stays", List.of("ReplicaFailure old"), quota, List.of("ReplicaFailure old")),
                arguments(
                        "gone when all went well",
                        List.of("Other x", "ReplicaFailure old"),
                        Outcome.NOTHING_TRIED,
                        List.of("Other x")),
                arguments(
                        "a namespace that goes is no failure",
                        List.of(),
                        refused(403, "pods is forbidden: because it is being terminated"),
                        List.of()));
    }
}
