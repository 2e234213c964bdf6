package io.quarterdeck.node.runtime.docker;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.LogConfig.LoggingType;
import com.github.dockerjava.api.model.PropagationMode;
import com.github.dockerjava.api.model.SELContext;
import com.github.dockerjava.api.model.Volume;
import io.quarterdeck.node.runtime.ContainerConfig;
import io.quarterdeck.node.runtime.ContainerConfig.Namespaces.Pid;
import io.quarterdeck.node.runtime.ContainerConfig.Resources;
import io.quarterdeck.node.runtime.ContainerConfig.Seccomp;
import io.quarterdeck.node.runtime.ContainerConfig.Security;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.RuntimeFailure.Kind;
import io.quarterdeck.node.runtime.Sandbox;
import io.quarterdeck.node.runtime.SandboxConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Translates CRI's words into Docker's. Pure. */
final class HostConfigs {

    /** As upstream's kubelet rotates: 5 files of 10 MiB. */
    private static final LogConfig LOGS =
            new LogConfig(LoggingType.JSON_FILE, Map.of("max-size", "10m", "max-file", "5"));

    private static final int SANDBOX_OOM_SCORE = -998;

    private final int lowestOomScore;

    /** {@code lowestOomScore}: what the engine may give; without CAP_SYS_RESOURCE a negative one fails the start. */
    HostConfigs(int lowestOomScore) {
        this.lowestOomScore = lowestOomScore;
    }

    private int oomScore(int wanted) {
        return Math.max(lowestOomScore, wanted);
    }

    /** Throws {@link RuntimeFailure}: Docker maps the users of all containers or of none. */
    HostConfig sandbox(SandboxConfig config) {
        if (config.userNamespace()) {
            throw new RuntimeFailure(
                    Kind.OTHER, "can't set `spec.hostUsers: false`, runtime does not support user namespaces");
        }
        HostConfig host = HostConfig.newHostConfig()
                .withNetworkMode(config.hostNetwork() ? "host" : "none")
                .withIpcMode(config.hostIpc() ? "host" : "shareable")
                .withLogConfig(new LogConfig(LoggingType.NONE))
                .withOomScoreAdj(oomScore(SANDBOX_OOM_SCORE))
                .withCpuShares(2)
                .withReadonlyRootfs(true)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges"));
        if (config.hostPid()) {
            host.withPidMode("host");
        }
        if (!config.sysctls().isEmpty()) {
            host.withSysctls(config.sysctls());
        }
        return host;
    }

    HostConfig container(Sandbox sandbox, ContainerConfig config) {
        String joined = "container:" + sandbox.id();
        Resources resources = config.resources();
        Security security = config.security();
        HostConfig host = HostConfig.newHostConfig()
                .withNetworkMode(joined)
                .withIpcMode(joined)
                .withLogConfig(LOGS)
                .withBinds(config.mounts().stream().map(HostConfigs::bind).toList())
                .withOomScoreAdj(oomScore(resources.oomScoreAdj()))
                .withPrivileged(security.privileged())
                .withReadonlyRootfs(security.readOnlyRootFilesystem())
                .withCapAdd(capabilities(security.addCapabilities()))
                .withCapDrop(capabilities(security.dropCapabilities()))
                .withSecurityOpts(securityOptions(security));
        switch (config.namespaces().pid()) {
            case Pid.Own own -> {}
            case Pid.Sandbox shared -> host.withPidMode(joined);
            case Pid.Host whole -> host.withPidMode("host");
            case Pid.Target(String id) -> host.withPidMode("container:" + id);
        }
        if (security.privileged()) {
            // As containerd does: who administers the machine sees its control groups, of either version.
            host.withCgroupnsMode("host");
        }
        if (resources.cpuShares() > 0) {
            host.withCpuShares((int) resources.cpuShares());
        }
        if (resources.cpuQuota() > 0) {
            host.withCpuQuota(resources.cpuQuota()).withCpuPeriod(resources.cpuPeriod());
        }
        if (resources.memoryLimit() > 0) {
            // Equal numbers mean: no swap beyond the limit.
            host.withMemory(resources.memoryLimit()).withMemorySwap(resources.memoryLimit());
        }
        if (!security.supplementalGroups().isEmpty()) {
            host.withGroupAdd(
                    security.supplementalGroups().stream().map(String::valueOf).toList());
        }
        return host;
    }

    private static Bind bind(ContainerConfig.Mount mount) {
        return new Bind(
                mount.hostPath(),
                new Volume(mount.containerPath()),
                mount.readOnly() ? AccessMode.ro : AccessMode.rw,
                SELContext.none,
                null,
                switch (mount.propagation()) {
                    case PRIVATE -> PropagationMode.PRIVATE;
                    case HOST_TO_CONTAINER -> PropagationMode.SLAVE;
                    case BIDIRECTIONAL -> PropagationMode.SHARED;
                });
    }

    private static Capability[] capabilities(List<String> names) {
        return names.stream()
                .map(name -> {
                    try {
                        return Capability.valueOf(name.startsWith("CAP_") ? name.substring(4) : name);
                    } catch (IllegalArgumentException e) {
                        throw new RuntimeFailure(Kind.OTHER, "unknown capability \"" + name + "\"", e);
                    }
                })
                .toArray(Capability[]::new);
    }

    private static List<String> securityOptions(Security security) {
        List<String> options = new ArrayList<>();
        if (security.noNewPrivileges()) {
            options.add("no-new-privileges");
        }
        switch (security.seccomp()) {
            case Seccomp.Unconfined unconfined -> options.add("seccomp=unconfined");
            case Seccomp.RuntimeDefault engineDefault -> {}
            case Seccomp.Profile profile -> options.add("seccomp=" + profile.json());
        }
        security.appArmorProfile().ifPresent(profile -> options.add("apparmor=" + profile));
        security.seLinux().ifPresent(label -> {
            Map.of("user", label.user(), "role", label.role(), "type", label.type(), "level", label.level())
                    .forEach((key, value) -> {
                        if (!value.isEmpty()) {
                            options.add("label=" + key + ":" + value);
                        }
                    });
        });
        return options;
    }

    /** {@code uid[:gid]}; a group alone needs the user that the image names, which Docker writes as an empty uid. */
    Optional<String> user(Security security) {
        if (security.runAsUser().isEmpty()) {
            return security.runAsGroup().isEmpty()
                    ? Optional.empty()
                    : Optional.of("0:" + security.runAsGroup().getAsLong());
        }
        String user = Long.toString(security.runAsUser().getAsLong());
        return Optional.of(
                security.runAsGroup().isEmpty()
                        ? user
                        : user + ":" + security.runAsGroup().getAsLong());
    }
}
