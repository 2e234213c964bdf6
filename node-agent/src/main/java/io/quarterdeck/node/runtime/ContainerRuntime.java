package io.quarterdeck.node.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Sandboxes and containers of one agent. Every method is thread-safe, blocks until the engine has answered and throws
 * {@link RuntimeFailure}. Stopping, removing and signalling what is no longer there succeeds.
 */
public interface ContainerRuntime {

    RuntimeVersion version();

    /** Creates and starts a sandbox; returns its id. */
    String runPodSandbox(SandboxConfig config);

    /** Ends the sandbox's own process; its containers must have ended before. */
    void stopPodSandbox(String id);

    void removePodSandbox(String id);

    List<Sandbox> listPodSandboxes();

    /** Of one pod, the newest first. */
    List<Sandbox> podSandboxes(String podUid);

    /** Returns the id of the new container, which does not run yet. The image must be present. */
    String createContainer(Sandbox sandbox, ContainerConfig config);

    void startContainer(String id);

    /** Sends a signal by its name, such as {@code SIGTERM}. */
    void signalContainer(String id, String signal);

    void removeContainer(String id);

    List<Container> listContainers();

    /** Of one pod, the newest attempt of each name first. */
    List<Container> podContainers(String podUid);

    Optional<Container> container(String id);

    /** Runs a command to its end inside a running container. */
    ExecResult execSync(String containerId, List<String> command, Duration timeout);

    ContainerStream exec(String containerId, List<String> command, StreamOptions options);

    ContainerStream attach(String containerId, StreamOptions options);

    /**
     * Writes a container's log until its end, or with {@code follow} until the container ends. Blocks meanwhile. An
     * {@link IOException} is the writer's.
     */
    void logs(Container container, LogOptions options, OutputStream stdout, OutputStream stderr) throws IOException;

    /** Calls the listener after something happened to a sandbox or container, until closed. Reconnects by itself. */
    AutoCloseable watch(RuntimeListener listener);

    ImageService images();
}
