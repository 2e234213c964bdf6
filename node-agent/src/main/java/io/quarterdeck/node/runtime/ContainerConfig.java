package io.quarterdeck.node.runtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A container to be, inside a sandbox. Empty command and args mean the image's own. */
public record ContainerConfig(
        PodRef pod,
        String name,
        int attempt,
        String image,
        List<String> command,
        List<String> args,
        Map<String, String> env,
        String workingDir,
        List<Mount> mounts,
        boolean tty,
        boolean stdin,
        boolean stdinOnce,
        Namespaces namespaces,
        Resources resources,
        Security security,
        Map<String, String> labels) {
    public ContainerConfig {
        command = List.copyOf(command);
        args = List.copyOf(args);
        mounts = List.copyOf(mounts);
        labels = Map.copyOf(labels);
    }

    /** A directory or file of the node inside the container. */
    public record Mount(String hostPath, String containerPath, boolean readOnly, Propagation propagation) {}

    public enum Propagation {
        PRIVATE,
        HOST_TO_CONTAINER,
        BIDIRECTIONAL
    }

    /** Network and IPC are the sandbox's unless they are the host's, which the sandbox settles. */
    public record Namespaces(Pid pid) {
        public sealed interface Pid {
            /** The container's own. */
            record Own() implements Pid {}

            record Sandbox() implements Pid {}

            record Host() implements Pid {}

            /** Another container's, by its id. */
            record Target(String containerId) implements Pid {}
        }
    }

    /** What the container's cgroup allows; 0 means no limit. Quota and period in microseconds, memory in bytes. */
    public record Resources(long cpuShares, long cpuQuota, long cpuPeriod, long memoryLimit, int oomScoreAdj) {}

    public record Security(
            OptionalLong runAsUser,
            OptionalLong runAsGroup,
            List<Long> supplementalGroups,
            boolean privileged,
            boolean readOnlyRootFilesystem,
            boolean noNewPrivileges,
            List<String> addCapabilities,
            List<String> dropCapabilities,
            Seccomp seccomp,
            Optional<String> appArmorProfile,
            Optional<SeLinux> seLinux) {
        public Security {
            supplementalGroups = List.copyOf(supplementalGroups);
            addCapabilities = List.copyOf(addCapabilities);
            dropCapabilities = List.copyOf(dropCapabilities);
        }
    }

    public sealed interface Seccomp {
        record Unconfined() implements Seccomp {}

        record RuntimeDefault() implements Seccomp {}

        /** The profile's JSON. */
        record Profile(String json) implements Seccomp {}
    }

    public record SeLinux(String user, String role, String type, String level) {}
}
