package io.quarterdeck.node.runtime;

/** The labels in which the agent keeps its state on sandboxes and containers, so that a restarted agent adopts them. */
public final class Labels {

    public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
    public static final String POD_NAME = "io.kubernetes.pod.name";
    public static final String POD_UID = "io.kubernetes.pod.uid";
    public static final String CONTAINER_NAME = "io.kubernetes.container.name";
    public static final String CONTAINER_HASH = "io.kubernetes.container.hash";
    public static final String TERMINATION_MESSAGE_POLICY = "io.kubernetes.container.terminationMessagePolicy";

    /** {@code sandbox} or {@code container}. */
    public static final String KIND = "io.quarterdeck.kind";

    /** Which agent made it: several agents may share one engine and must not see each other's containers. */
    public static final String INSTANCE = "io.quarterdeck.instance";

    /** Counts from 0: of a sandbox within its pod, of a container under its name. */
    public static final String ATTEMPT = "io.quarterdeck.attempt";

    public static final String SANDBOX_ID = "io.quarterdeck.sandbox.id";

    private Labels() {}
}
