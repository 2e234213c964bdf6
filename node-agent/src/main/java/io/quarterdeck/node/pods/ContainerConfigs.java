package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.quarterdeck.node.runtime.ContainerConfig;
import io.quarterdeck.node.runtime.ContainerConfig.Mount;
import io.quarterdeck.node.runtime.ContainerConfig.Namespaces;
import io.quarterdeck.node.runtime.ContainerConfig.Resources;
import io.quarterdeck.node.runtime.ContainerConfig.SeLinux;
import io.quarterdeck.node.runtime.ContainerConfig.Seccomp;
import io.quarterdeck.node.runtime.ContainerConfig.Security;
import io.quarterdeck.node.runtime.Labels;
import io.quarterdeck.node.volumes.VolumeFailure;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Translates a container of a pod's spec into what the runtime is asked for. Pure. */
final class ContainerConfigs {

    private static final long CPU_PERIOD_MICROS = 100_000;
    private static final int NODE_CRITICAL_PRIORITY = 2_000_001_000;

    private ContainerConfigs() {}

    /**
     * @param imageUser the user that the image names, empty for root
     * @param memoryCapacity of the node, in bytes
     * @param localhostProfile reads a seccomp profile of the node by name
     * @param target the container whose processes this one is to see
     */
    static ContainerConfig of(
            Pod pod,
            Container spec,
            int attempt,
            String imageUser,
            Map<String, String> env,
            List<Mount> mounts,
            long memoryCapacity,
            UnaryOperator<String> localhostProfile,
            Optional<String> target) {
        Security security = security(pod, spec, imageUser, localhostProfile);
        return new ContainerConfig(
                PodSpecs.ref(pod),
                spec.getName(),
                attempt,
                spec.getImage(),
                expanded(spec.getCommand(), env),
                expanded(spec.getArgs(), env),
                env,
                Objects.requireNonNullElse(spec.getWorkingDir(), ""),
                mounts,
                Boolean.TRUE.equals(spec.getTty()),
                Boolean.TRUE.equals(spec.getStdin()),
                Boolean.TRUE.equals(spec.getStdinOnce()),
                new Namespaces(
                        target.<Namespaces.Pid>map(Namespaces.Pid.Target::new).orElseGet(() -> pidNamespace(pod))),
                resources(pod, spec, memoryCapacity),
                security,
                Map.of(
                        Labels.CONTAINER_HASH, PodSpecs.hash(spec),
                        Labels.TERMINATION_MESSAGE_POLICY,
                                Objects.requireNonNullElse(spec.getTerminationMessagePolicy(), "File")));
    }

    private static List<String> expanded(@Nullable List<String> words, Map<String, String> env) {
        return words == null
                ? List.of()
                : words.stream().map(word -> Expansion.expand(word, env)).toList();
    }

    private static Namespaces.Pid pidNamespace(Pod pod) {
        if (Boolean.TRUE.equals(pod.getSpec().getHostPID())) {
            return new Namespaces.Pid.Host();
        }
        return Boolean.TRUE.equals(pod.getSpec().getShareProcessNamespace())
                ? new Namespaces.Pid.Sandbox()
                : new Namespaces.Pid.Own();
    }

    private static Resources resources(Pod pod, Container spec, long memoryCapacity) {
        long cpuLimit = milli(limit(pod, spec, "cpu"));
        long cpuRequest = milli(request(spec, "cpu"));
        long shares = Math.max(2, (cpuRequest > 0 ? cpuRequest : cpuLimit) * 1024 / 1000);
        long quota = cpuLimit == 0 ? 0 : Math.max(1000, cpuLimit * CPU_PERIOD_MICROS / 1000);
        return new Resources(
                shares,
                quota,
                CPU_PERIOD_MICROS,
                bytes(limit(pod, spec, "memory")),
                oomScore(pod, spec, memoryCapacity));
    }

    /** Source: "Node-pressure eviction", node out of memory behaviour. */
    private static int oomScore(Pod pod, Container spec, long memoryCapacity) {
        Integer priority = pod.getSpec().getPriority();
        if (priority != null && priority >= NODE_CRITICAL_PRIORITY) {
            return -997;
        }
        return switch (QosClass.of(pod)) {
            case GUARANTEED -> -997;
            case BEST_EFFORT -> 1000;
            case BURSTABLE -> {
                long share = memoryCapacity == 0 ? 0 : 1000 * protectedMemory(pod, spec) / memoryCapacity;
                yield (int) Math.clamp(1000 - share, 3, 999);
            }
        };
    }

    /** A sidecar is not to go before those that it serves. */
    private static long protectedMemory(Pod pod, Container spec) {
        long own = bytes(request(spec, "memory"));
        return PodSpecs.isSidecar(spec)
                ? Math.max(
                        own,
                        pod.getSpec().getContainers().stream()
                                .mapToLong(served -> bytes(request(served, "memory")))
                                .min()
                                .orElse(0))
                : own;
    }

    /** The pod's own limit holds for a container that has none. */
    private static @Nullable Quantity limit(Pod pod, Container spec, String name) {
        Quantity own = limit(spec.getResources(), name);
        return own == null || own.getNumericalAmount().signum() == 0
                ? limit(pod.getSpec().getResources(), name)
                : own;
    }

    private static @Nullable Quantity limit(@Nullable ResourceRequirements resources, String name) {
        return resources == null || resources.getLimits() == null
                ? null
                : resources.getLimits().get(name);
    }

    private static @Nullable Quantity request(Container spec, String name) {
        ResourceRequirements resources = spec.getResources();
        return resources == null || resources.getRequests() == null
                ? null
                : resources.getRequests().get(name);
    }

    private static long milli(@Nullable Quantity quantity) {
        return quantity == null
                ? 0
                : quantity.getNumericalAmount()
                        .multiply(BigDecimal.valueOf(1000))
                        .setScale(0, RoundingMode.CEILING)
                        .longValue();
    }

    private static long bytes(@Nullable Quantity quantity) {
        return quantity == null ? 0 : quantity.getNumericalAmount().longValue();
    }

    private static Security security(
            Pod pod, Container spec, String imageUser, UnaryOperator<String> localhostProfile) {
        PodSecurityContext podLevel =
                Objects.requireNonNullElseGet(pod.getSpec().getSecurityContext(), PodSecurityContext::new);
        SecurityContext own = Objects.requireNonNullElseGet(spec.getSecurityContext(), SecurityContext::new);
        Long user = first(own.getRunAsUser(), podLevel.getRunAsUser());
        Long group = first(own.getRunAsGroup(), podLevel.getRunAsGroup());
        if (Boolean.TRUE.equals(first(own.getRunAsNonRoot(), podLevel.getRunAsNonRoot()))) {
            requireNonRoot(pod, spec, user, imageUser);
        }
        if (user == null && group != null) {
            // Docker takes a group only together with a user.
            String named = imageUser.split(":")[0];
            user = named.matches("\\d+") ? Long.valueOf(named) : Long.valueOf(0);
        }
        List<Long> groups = new ArrayList<>(Objects.requireNonNullElse(podLevel.getSupplementalGroups(), List.of()));
        if (podLevel.getFsGroup() != null) {
            groups.add(podLevel.getFsGroup());
        }
        boolean privileged = Boolean.TRUE.equals(own.getPrivileged());
        Capabilities capabilities = Objects.requireNonNullElseGet(own.getCapabilities(), Capabilities::new);
        return new Security(
                user == null ? OptionalLong.empty() : OptionalLong.of(user),
                group == null ? OptionalLong.empty() : OptionalLong.of(group),
                groups,
                privileged,
                Boolean.TRUE.equals(own.getReadOnlyRootFilesystem()),
                Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()),
                Objects.requireNonNullElse(capabilities.getAdd(), List.of()),
                Objects.requireNonNullElse(capabilities.getDrop(), List.of()),
                seccomp(first(own.getSeccompProfile(), podLevel.getSeccompProfile()), privileged, localhostProfile),
                Optional.ofNullable(first(own.getAppArmorProfile(), podLevel.getAppArmorProfile()))
                        .flatMap(profile -> switch (Objects.requireNonNullElse(profile.getType(), "")) {
                            case "Localhost" -> Optional.ofNullable(profile.getLocalhostProfile());
                            case "Unconfined" -> Optional.of("unconfined");
                            default -> Optional.empty();
                        }),
                Optional.ofNullable(first(own.getSeLinuxOptions(), podLevel.getSeLinuxOptions()))
                        .map(ContainerConfigs::seLinux));
    }

    private static void requireNonRoot(Pod pod, Container spec, @Nullable Long user, String imageUser) {
        String where = "(pod: \"%s\", container: %s)".formatted(PodSpecs.ref(pod), spec.getName());
        if (user != null) {
            if (user == 0) {
                throw new VolumeFailure("container's runAsUser breaks non-root policy " + where);
            }
            return;
        }
        String named = imageUser.split(":")[0];
        if (named.isEmpty() || "0".equals(named)) {
            throw new VolumeFailure("container has runAsNonRoot and image will run as root " + where);
        }
        if (!named.matches("\\d+")) {
            throw new VolumeFailure(
                    "container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root %s"
                            .formatted(named, where));
        }
    }

    private static Seccomp seccomp(
            @Nullable SeccompProfile profile, boolean privileged, UnaryOperator<String> localhostProfile) {
        if (profile == null || privileged) {
            return new Seccomp.Unconfined();
        }
        return switch (Objects.requireNonNullElse(profile.getType(), "")) {
            case "RuntimeDefault" -> new Seccomp.RuntimeDefault();
            case "Localhost" ->
                new Seccomp.Profile(
                        localhostProfile.apply(Objects.requireNonNullElse(profile.getLocalhostProfile(), "")));
            default -> new Seccomp.Unconfined();
        };
    }

    private static SeLinux seLinux(SELinuxOptions options) {
        return new SeLinux(
                Objects.requireNonNullElse(options.getUser(), ""),
                Objects.requireNonNullElse(options.getRole(), ""),
                Objects.requireNonNullElse(options.getType(), ""),
                Objects.requireNonNullElse(options.getLevel(), ""));
    }

    private static <T> @Nullable T first(@Nullable T own, @Nullable T otherwise) {
        return own != null ? own : otherwise;
    }
}
