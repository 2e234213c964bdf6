package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.quarterdeck.node.runtime.PodRef;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** What a pod's spec says once its absences are filled in. Pure. */
public final class PodSpecs {

    private static final long DEFAULT_GRACE_SECONDS = 30;

    private PodSpecs() {}

    public static PodRef ref(Pod pod) {
        return new PodRef(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid());
    }

    public static List<Container> initContainers(Pod pod) {
        return Objects.requireNonNullElse(pod.getSpec().getInitContainers(), List.of());
    }

    public static Stream<Container> allContainers(Pod pod) {
        return Stream.concat(initContainers(pod).stream(), pod.getSpec().getContainers().stream());
    }

    /** What somebody has put into the running pod to look at it, in the shape of the others. */
    public static List<Container> ephemeralContainers(Pod pod) {
        return Objects.requireNonNullElse(pod.getSpec().getEphemeralContainers(), List.<EphemeralContainer>of())
                .stream()
                .map(PodSpecs::asContainer)
                .toList();
    }

    private static Container asContainer(EphemeralContainer ephemeral) {
        return new ContainerBuilder()
                .withName(ephemeral.getName())
                .withImage(ephemeral.getImage())
                .withImagePullPolicy(ephemeral.getImagePullPolicy())
                .withCommand(ephemeral.getCommand())
                .withArgs(ephemeral.getArgs())
                .withWorkingDir(ephemeral.getWorkingDir())
                .withEnv(ephemeral.getEnv())
                .withEnvFrom(ephemeral.getEnvFrom())
                .withVolumeMounts(ephemeral.getVolumeMounts())
                .withSecurityContext(ephemeral.getSecurityContext())
                .withStdin(ephemeral.getStdin())
                .withStdinOnce(ephemeral.getStdinOnce())
                .withTty(ephemeral.getTty())
                .withTerminationMessagePath(ephemeral.getTerminationMessagePath())
                .withTerminationMessagePolicy(ephemeral.getTerminationMessagePolicy())
                .build();
    }

    /** Whose processes an ephemeral container is to see; empty for all others. */
    static Optional<String> targetContainer(Pod pod, String name) {
        return Objects.requireNonNullElse(pod.getSpec().getEphemeralContainers(), List.<EphemeralContainer>of())
                .stream()
                .filter(ephemeral -> ephemeral.getName().equals(name))
                .map(EphemeralContainer::getTargetContainerName)
                .filter(target -> target != null && !target.isEmpty())
                .findFirst();
    }

    public static Optional<Container> container(Pod pod, String name) {
        return Stream.concat(allContainers(pod), ephemeralContainers(pod).stream())
                .filter(container -> container.getName().equals(name))
                .findFirst();
    }

    /** An init container that goes on beside the others. */
    public static boolean isSidecar(Container container) {
        return "Always".equals(container.getRestartPolicy());
    }

    static String restartPolicy(Pod pod) {
        return Objects.requireNonNullElse(pod.getSpec().getRestartPolicy(), "Always");
    }

    public static boolean hostNetwork(Pod pod) {
        return Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
    }

    static boolean ended(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    static Duration grace(Pod pod) {
        Long asked = pod.getMetadata().getDeletionGracePeriodSeconds();
        if (asked != null) {
            return Duration.ofSeconds(asked);
        }
        return specGrace(pod);
    }

    private static Duration specGrace(Pod pod) {
        Long spec = pod.getSpec().getTerminationGracePeriodSeconds();
        return Duration.ofSeconds(spec == null ? DEFAULT_GRACE_SECONDS : spec);
    }

    /** A probe may ask for another grace period than the pod. */
    static Duration grace(Pod pod, Container container, String failedProbe) {
        Probe probe = "startup".equals(failedProbe) ? container.getStartupProbe() : container.getLivenessProbe();
        Long own = probe == null ? null : probe.getTerminationGracePeriodSeconds();
        return own == null ? specGrace(pod) : Duration.ofSeconds(own);
    }

    /** Changes when a container must be made anew: upstream looks at name and image alone. */
    static String hash(Container container) {
        CRC32 crc = new CRC32();
        crc.update((container.getName() + "\n" + container.getImage()).getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }
}
