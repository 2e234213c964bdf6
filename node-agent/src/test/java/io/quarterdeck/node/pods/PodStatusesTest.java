package io.quarterdeck.node.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import io.quarterdeck.node.pods.PodStatuses.Waiting;
import io.quarterdeck.node.runtime.Sandbox;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class PodStatusesTest {

    private static final ObjectSerialization OBJECTS = new ObjectSerialization();
    private static final Sandbox SANDBOX = new Sandbox("s0", Look.REF, 0, true, 1, Look.NOW.minusSeconds(100));

    private static Pod pod(String policy) {
        return OBJECTS.unmarshal("""
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: p, namespace: default, uid: uid, generation: 2}
                spec:
                  restartPolicy: %s
                  initContainers:
                  - {name: init, image: i}
                  - {name: side, image: i, restartPolicy: Always}
                  containers:
                  - {name: main, image: i, volumeMounts: [{name: v, mountPath: /v, readOnly: true}]}
                """.formatted(policy), Pod.class);
    }

    private static PodStatus status(Pod pod, Look look, Map<String, Waiting> waiting) {
        return PodStatuses.of(pod, look.pod(), waiting, container -> "", List.of("192.0.2.1"), Look.NOW);
    }

    private static Look up() {
        return new Look().sandbox(SANDBOX).addresses("10.244.0.2");
    }

    private static String condition(PodStatus status, String type) {
        return status.getConditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .map(condition ->
                        condition.getStatus() + (condition.getReason() == null ? "" : " " + condition.getReason()))
                .findFirst()
                .orElse("none");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void phases(String name, String policy, UnaryOperator<Look> look, String phase, String ready, String initialized) {
        PodStatus status = status(pod(policy), look.apply(up()), Map.of());
        assertThat(List.of(status.getPhase(), condition(status, "Ready"), condition(status, "Initialized")))
                .containsExactly(phase, ready, initialized);
    }

    static Stream<Arguments> phases() {
        UnaryOperator<Look> initialised = look -> look.ended("init", 0, 0).running("side", 0);
        return Stream.of(
                phase(
                        "nothing has begun",
                        "Always",
                        look -> look,
                        "Pending",
                        "False ContainersNotReady",
                        "False ContainersNotInitialized"),
                phase(
                        "an init container runs",
                        "Always",
                        look -> look.running("init", 0),
                        "Pending",
                        "False ContainersNotReady",
                        "False ContainersNotInitialized"),
                phase(
                        "one has failed and is tried again",
                        "Always",
                        look -> look.ended("init", 0, 1),
                        "Pending",
                        "False ContainersNotReady",
                        "False ContainersNotInitialized"),
                phase(
                        "one has failed for good",
                        "Never",
                        look -> look.ended("init", 0, 1),
                        "Failed",
                        "False PodFailed",
                        "False ContainersNotInitialized"),
                phase(
                        "all runs",
                        "Always",
                        look -> initialised.apply(look).running("main", 0),
                        "Running",
                        "True",
                        "True"),
                phase(
                        "all that ended starts again",
                        "Always",
                        look -> initialised.apply(look).ended("main", 0, 0),
                        "Running",
                        "False ContainersNotReady",
                        "True"),
                phase(
                        "a sidecar keeps a success from being one",
                        "Never",
                        look -> initialised.apply(look).ended("main", 0, 0),
                        "Running",
                        "False ContainersNotReady",
                        "True"),
                phase(
                        "done",
                        "Never",
                        look -> look.ended("init", 0, 0).ended("side", 0, 0).ended("main", 0, 0),
                        "Succeeded",
                        "False PodCompleted",
                        "True PodCompleted"),
                phase(
                        "failed",
                        "Never",
                        look -> look.ended("init", 0, 0).ended("side", 0, 0).ended("main", 0, 2),
                        "Failed",
                        "False PodFailed",
                        "True"),
                phase(
                        "a failure that is tried again",
                        "OnFailure",
                        look -> look.ended("init", 0, 0).ended("side", 0, 0).ended("main", 0, 2),
                        "Running",
                        "False ContainersNotReady",
                        "True"));
    }

    private static Arguments phase(
            String name, String policy, UnaryOperator<Look> look, String phase, String ready, String initialized) {
        return arguments(name, policy, look, phase, ready, initialized);
    }

    @Test
    void aContainerInItsBackOffTellsHowItEndedLast() {
        PodStatus status = status(
                pod("Always"),
                up().ended("init", 0, 0).running("side", 0).ended("main", 3, 7),
                Map.of("main", new Waiting("CrashLoopBackOff", "back-off 40s")));
        var main = status.getContainerStatuses().getFirst();
        assertThat(main.getState().getWaiting().getReason()).isEqualTo("CrashLoopBackOff");
        assertThat(main.getLastState().getTerminated().getExitCode()).isEqualTo(7);
        assertThat(main.getRestartCount()).isEqualTo(3);
        assertThat(status.getPhase()).isEqualTo("Running");
    }

    @Test
    void aPodThatWasNeverTakenTellsWhyAndNothingElse() {
        Refusal refusal = new Refusal("OutOfcpu", "Node didn't have enough resource: cpu", true);
        PodStatus status = status(pod("Always"), new Look().refused(refusal), Map.of());
        assertThat(OBJECTS.mapper().<JsonNode>valueToTree(status).properties())
                .extracting(entry -> entry.getKey() + "=" + entry.getValue().asString())
                .containsExactlyInAnyOrder(
                        "observedGeneration=2",
                        "phase=Failed",
                        "reason=OutOfcpu",
                        "message=Pod was rejected: Node didn't have enough resource: cpu",
                        "startTime=" + Look.NOW);
    }

    @Test
    void whatWaitsForAnInitContainerThatFailedSaysSo() {
        PodStatus status = status(pod("Never"), up().ended("init", 0, 1), Map.of());
        ContainerStatus main = status.getContainerStatuses().getFirst();
        assertThat(main.getState().getWaiting().getReason()).isEqualTo("PodInitializing");
        assertThat(main.getImage()).isEqualTo("i");
        assertThat(main.getImageID()).isEmpty();
        assertThat(main.getContainerID()).isNull();
        assertThat(main.getResources()).as("it never was").isNull();
        assertThat(main.getUser()).isNull();
    }

    @Test
    void aContainerTellsAsWhomItBeganAndWhatItHas() {
        Pod pod = pod("Never");
        pod.getSpec()
                .getContainers()
                .getFirst()
                .setResources(new ResourceRequirementsBuilder()
                        .addToRequests("cpu", new Quantity("100m"))
                        .build());
        Look running = up().ended("init", 0, 0).running("side", 0).running("main", 0);
        ContainerStatus main =
                status(pod, running, Map.of()).getContainerStatuses().getFirst();
        assertThat(main.getUser().getLinux().getUid()).isEqualTo(1000);
        assertThat(main.getUser().getLinux().getGid()).isEqualTo(3000);
        assertThat(main.getUser().getLinux().getSupplementalGroups()).containsExactly(3000L, 4000L);
        assertThat(main.getAllocatedResources()).containsOnlyKeys("cpu");

        pod.setStatus(status(pod, running, Map.of()));
        Look ended = up().ended("init", 0, 0).running("side", 0).ended("main", 0, 0);
        ContainerStatus after =
                status(pod, ended, Map.of()).getContainerStatuses().getFirst();
        assertThat(after.getUser()).as("of the same container").isEqualTo(main.getUser());
        assertThat(after.getResources()).isEqualTo(main.getResources());
        ContainerStatus other = status(
                        pod, up().ended("init", 0, 0).running("side", 0).ended("main", 1, 0), Map.of())
                .getContainerStatuses()
                .getFirst();
        assertThat(other.getUser()).as("of another").isNull();
    }

    @Test
    void aRunningContainerNamesItsMounts() {
        PodStatus status = status(
                pod("Always"), up().ended("init", 0, 0).running("side", 0).running("main", 0), Map.of());
        assertThat(status.getContainerStatuses().getFirst().getVolumeMounts())
                .singleElement()
                .satisfies(mount -> {
                    assertThat(mount.getMountPath()).isEqualTo("/v");
                    assertThat(mount.getReadOnly()).isTrue();
                    assertThat(mount.getRecursiveReadOnly()).isEqualTo("Disabled");
                });
    }

    @Test
    void anEndedPodIsToldOfOnceMoreWhenItsSandboxIsGone() {
        Pod pod = pod("Never");
        Look ended = up().ended("init", 0, 0).ended("side", 0, 0).ended("main", 0, 0);
        pod.setStatus(status(pod, ended, Map.of()));
        assertThat(PodStatuses.afterEnd(pod, ended.pod(), Look.NOW))
                .as("the sandbox is there")
                .isEmpty();

        Look gone = new Look().ended("init", 0, 0).ended("side", 0, 0).ended("main", 0, 0);
        PodStatus last = PodStatuses.afterEnd(pod, gone.pod(), Look.NOW).orElseThrow();
        assertThat(condition(last, "PodReadyToStartContainers")).isEqualTo("False");
        assertThat(last.getPhase()).isEqualTo("Succeeded");
        assertThat(last.getPodIP()).isEqualTo("10.244.0.2");

        pod.setStatus(last);
        assertThat(PodStatuses.afterEnd(pod, gone.pod(), Look.NOW))
                .as("it was told")
                .isEmpty();
    }
}
