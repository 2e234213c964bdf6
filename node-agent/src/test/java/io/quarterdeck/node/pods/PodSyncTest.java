package io.quarterdeck.node.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.quarterdeck.node.pods.ActualPod.Task;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.PodRef;
import io.quarterdeck.node.runtime.Sandbox;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PodSyncTest {

    private static final Instant NOW = Look.NOW;
    private static final PodRef REF = Look.REF;
    private static final Sandbox READY = new Sandbox("s0", REF, 0, true, 1, NOW.minusSeconds(100));
    private static final Sandbox DEAD = new Sandbox("s0", REF, 0, false, 0, NOW.minusSeconds(100));

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void decides(String name, Pod pod, ActualPod actual, List<String> expected) {
        assertThat(PodSync.decide(pod, actual, NOW).stream().map(PodSyncTest::words))
                .containsExactlyElementsOf(expected);
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                arguments(
                        "a new pod gets its volumes first",
                        pod("Always"),
                        new Look().volumes(false).pod(),
                        List.of("volumes")),
                arguments("then its sandbox", pod("Always"), new Look().pod(), List.of("sandbox 0")),
                arguments(
                        "which waits for the network to be there",
                        pod("Always"),
                        new Look().networkReady(false).pod(),
                        List.of("look again")),
                arguments(
                        "then its address",
                        pod("Always"),
                        new Look().sandbox(READY).pod(),
                        List.of("network s0")),
                arguments(
                        "then its first init container",
                        pod("Always"),
                        connected().pod(),
                        List.of("start init 0")),
                arguments(
                        "a running init container is waited for",
                        pod("Always"),
                        connected().running("init", 0).pod(),
                        List.of()),
                arguments(
                        "a failed one is started again",
                        pod("Always"),
                        connected().ended("init", 0, 1).pod(),
                        List.of("start init 1")),
                arguments(
                        "unless it never is",
                        pod("Never"),
                        connected().ended("init", 0, 1).pod(),
                        List.of()),
                arguments(
                        "after init the sidecar",
                        pod("Always"),
                        connected().ended("init", 0, 0).pod(),
                        List.of("start side 0")),
                arguments(
                        "which must have started",
                        pod("Always"),
                        connected()
                                .ended("init", 0, 0)
                                .running("side", 0, false)
                                .pod(),
                        List.of()),
                arguments("before the others", pod("Always"), initialised().pod(), List.of("start main 0")),
                arguments(
                        "who wants to look starts beside an init container that hangs",
                        watched(pod("Always")),
                        connected().running("init", 0).pod(),
                        List.of("start debugger 0")),
                arguments(
                        "and is not started twice",
                        watched(pod("Always")),
                        initialised().running("main", 0).ended("debugger", 0, 1).pod(),
                        List.of()),
                arguments(
                        "nor keeps a pod from ending",
                        watched(pod("Never")),
                        initialised().ended("main", 0, 0).running("debugger", 0).pod(),
                        List.of("stop debugger")),
                arguments(
                        "nothing to do for what runs",
                        pod("Always"),
                        initialised().running("main", 0).pod(),
                        List.of()),
                arguments(
                        "what ended is started again",
                        pod("Always"),
                        initialised().ended("main", 0, 0).pod(),
                        List.of("start main 1")),
                arguments(
                        "after its back-off",
                        pod("Always"),
                        initialised().ended("main", 1, 1).backOff("main", 20, 0).pod(),
                        List.of("delay main")),
                arguments(
                        "which is over at times",
                        pod("Always"),
                        initialised()
                                .ended("main", 1, 1)
                                .backOff("main", 20, 30)
                                .pod(),
                        List.of("start main 2")),
                arguments(
                        "OnFailure leaves a success alone and ends the sidecar",
                        pod("OnFailure"),
                        initialised().ended("main", 0, 0).pod(),
                        List.of("stop side")),
                arguments(
                        "OnFailure restarts a failure",
                        pod("OnFailure"),
                        initialised().ended("main", 0, 1).pod(),
                        List.of("start main 1")),
                arguments(
                        "Never restarts nothing",
                        pod("Never"),
                        initialised().ended("main", 0, 1).pod(),
                        List.of("stop side")),
                arguments(
                        "a failed probe stops the container",
                        pod("Always"),
                        initialised().failing("main").pod(),
                        List.of("stop main")),
                arguments(
                        "what is being stopped is left alone",
                        pod("Always"),
                        initialised()
                                .failing("main")
                                .task("main", new Task.Stopping(NOW.plusSeconds(5)))
                                .pod(),
                        List.of()),
                arguments(
                        "older attempts are removed",
                        pod("Always"),
                        initialised()
                                .running("main", 2)
                                .ended("main", 1, 1)
                                .ended("main", 0, 1)
                                .pod(),
                        List.of("remove main-0")),
                arguments(
                        "a dead sandbox is replaced",
                        pod("Always"),
                        new Look().sandbox(DEAD).ended("main", 0, 137).pod(),
                        List.of("sandbox 1")),
                arguments(
                        "after its containers",
                        pod("Always"),
                        new Look().sandbox(DEAD).running("main", 0).pod(),
                        List.of("stop main")),
                arguments(
                        "and not when the work is done",
                        pod("Never"),
                        new Look().sandbox(DEAD).ended("main", 0, 0).pod(),
                        List.of()),
                arguments(
                        "a deleted pod's containers end before its sidecars",
                        deleted(),
                        initialised().running("main", 0).pod(),
                        List.of("stop main")),
                arguments(
                        "sidecars after them",
                        deleted(),
                        initialised().ended("main", 0, 0).pod(),
                        List.of("stop side")),
                arguments(
                        "less grace is passed on",
                        deleted(),
                        initialised()
                                .running("main", 0)
                                .task("main", new Task.Stopping(NOW.plusSeconds(60)))
                                .pod(),
                        List.of("hurry main")),
                arguments(
                        "a start in the way is cancelled",
                        deleted(),
                        connected().task("init", new Task.Starting()).pod(),
                        List.of("cancel init")),
                arguments(
                        "then the sandbox ends",
                        deleted(),
                        connected().ended("main", 0, 0).pod(),
                        List.of("stop sandbox s0")),
                arguments(
                        "then all is removed",
                        deleted(),
                        new Look().sandbox(DEAD).ended("main", 0, 0).files(true).pod(),
                        List.of("remove main-0", "remove sandbox s0", "tear down")),
                arguments("then the API may forget it", deleted(), new Look().pod(), List.of("confirm")),
                arguments(
                        "what the API has forgotten goes the same way",
                        pod("Always"),
                        initialised().running("main", 0).gone().pod(),
                        List.of("stop main")),
                arguments("to its end", pod("Always"), new Look().gone().pod(), List.of("forget")));
    }

    private static Look connected() {
        return new Look().sandbox(READY).addresses("10.0.0.2").networked("s0");
    }

    private static Look initialised() {
        return connected().running("side", 0).ended("init", 0, 0);
    }

    private static String words(PodAction action) {
        return switch (action) {
            case PodAction.SetUpVolumes() -> "volumes";
            case PodAction.RunSandbox(int attempt) -> "sandbox " + attempt;
            case PodAction.AttachNetwork(Sandbox sandbox) -> "network " + sandbox.id();
            case PodAction.StartContainer(var spec, int attempt, Sandbox sandbox) ->
                "start " + spec.getName() + " " + attempt;
            case PodAction.DelayContainer(var spec, Instant until) -> "delay " + spec.getName();
            case PodAction.StopContainer(Container container, Duration grace, var reason) -> "stop " + container.name();
            case PodAction.HurryContainer(String name, Duration grace) -> "hurry " + name;
            case PodAction.CancelStart(String name) -> "cancel " + name;
            case PodAction.RemoveContainer(String id) -> "remove " + id;
            case PodAction.StopSandbox(String id) -> "stop sandbox " + id;
            case PodAction.RemoveSandbox(String id) -> "remove sandbox " + id;
            case PodAction.TearDown() -> "tear down";
            case PodAction.ConfirmDeletion() -> "confirm";
            case PodAction.Forget() -> "forget";
            case PodAction.Refuse(var refusal) -> "refuse " + refusal.reason();
            case PodAction.LookAgain(Instant at) -> "look again";
        };
    }

    private static Pod pod(String policy) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("p")
                .withUid("uid")
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy(policy)
                .addNewInitContainer()
                .withName("init")
                .withImage("i")
                .endInitContainer()
                .addNewInitContainer()
                .withName("side")
                .withImage("i")
                .withRestartPolicy("Always")
                .endInitContainer()
                .addNewContainer()
                .withName("main")
                .withImage("i")
                .endContainer()
                .endSpec()
                .build();
    }

    private static Pod watched(Pod pod) {
        return new PodBuilder(pod)
                .editSpec()
                .addNewEphemeralContainer()
                .withName("debugger")
                .withImage("i")
                .endEphemeralContainer()
                .endSpec()
                .build();
    }

    private static Pod deleted() {
        return new PodBuilder(pod("Always"))
                .editMetadata()
                .withDeletionTimestamp(NOW.plusSeconds(30).toString())
                .withDeletionGracePeriodSeconds(30L)
                .endMetadata()
                .build();
    }
}
