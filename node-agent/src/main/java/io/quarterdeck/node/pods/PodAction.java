package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.quarterdeck.node.runtime.Sandbox;
import java.time.Duration;
import java.time.Instant;

/** One step towards what a pod should be. */
sealed interface PodAction {

    record SetUpVolumes() implements PodAction {}

    record RunSandbox(int attempt) implements PodAction {}

    record AttachNetwork(Sandbox sandbox) implements PodAction {}

    record StartContainer(Container container, int attempt, Sandbox sandbox) implements PodAction {}

    /** A restart that has to wait; the container is in its back-off until then. */
    record DelayContainer(Container container, Instant until) implements PodAction {}

    /** Pre-stop hook, stop signal, and after the grace period the end. */
    record StopContainer(io.quarterdeck.node.runtime.Container container, Duration grace, StopReason reason)
            implements PodAction {}

    /** A stop that goes on already has less time now. */
    record HurryContainer(String name, Duration grace) implements PodAction {}

    /** A start that has not got as far as a running container. */
    record CancelStart(String name) implements PodAction {}

    record RemoveContainer(String id) implements PodAction {}

    /** Takes its network away and ends it. */
    record StopSandbox(String id) implements PodAction {}

    record RemoveSandbox(String id) implements PodAction {}

    /** Volumes, files: everything that is on the node's disk. */
    record TearDown() implements PodAction {}

    /** The node is done with the pod: the API may forget it. */
    record ConfirmDeletion() implements PodAction {}

    /** Nothing of the pod is left and the API does not know it: the worker ends. */
    record Forget() implements PodAction {}

    record Refuse(ActualPod.Refusal refusal) implements PodAction {}

    /** Look again then, even if nothing happens. */
    record LookAgain(Instant at) implements PodAction {}

    enum StopReason {
        POD_ENDS,
        PROBE_FAILED,
        REDEFINED,
        SANDBOX_LOST
    }
}
