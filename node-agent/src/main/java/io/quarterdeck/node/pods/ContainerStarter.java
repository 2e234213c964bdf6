package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.events.NodeEvents.Type;
import io.quarterdeck.node.images.ImageFailure;
import io.quarterdeck.node.pods.PodStatuses.Waiting;
import io.quarterdeck.node.probes.Handlers.HookFailed;
import io.quarterdeck.node.runtime.ContainerConfig;
import io.quarterdeck.node.runtime.ContainerConfig.Mount;
import io.quarterdeck.node.runtime.ContainerConfig.Propagation;
import io.quarterdeck.node.runtime.ImageService.Image;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.Sandbox;
import io.quarterdeck.node.volumes.PodDirectory;
import io.quarterdeck.node.volumes.VolumeFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** From a container's spec to a running process: image, environment, mounts, create, start, post-start hook. */
final class ContainerStarter {

    private static final Duration RETRY = Duration.ofSeconds(10);

    private final PodContext context;
    private final Environment environment;

    ContainerStarter(PodContext context) {
        this.context = context;
        this.environment = new Environment(context.objects());
    }

    /** The container does not run; the waiting state says why. */
    static final class StartFailed extends Exception {
        private final Waiting waiting;
        private final Instant retryAt;

        StartFailed(Waiting waiting, Instant retryAt) {
            super(waiting.message());
            this.waiting = waiting;
            this.retryAt = retryAt;
        }

        Waiting waiting() {
            return waiting;
        }

        Instant retryAt() {
            return retryAt;
        }
    }

    /** Returns the id of the running container. Interrupting it cancels. */
    String start(Pod pod, Container spec, int attempt, Sandbox sandbox, List<String> podIps)
            throws StartFailed, InterruptedException {
        Image image;
        try {
            image = context.images().ensure(pod, spec);
        } catch (ImageFailure e) {
            context.events().pod(pod, spec.getName(), Type.WARNING, "Failed", "Error: " + e.reason());
            throw new StartFailed(new Waiting(e.reason(), e.text()), e.retryAt());
        }
        ContainerConfig config = configure(pod, spec, attempt, image, podIps);
        String id;
        try {
            id = context.runtime().createContainer(sandbox, config);
        } catch (RuntimeFailure e) {
            throw failed(pod, spec, "CreateContainerError", e.text());
        }
        context.events().pod(pod, spec.getName(), Type.NORMAL, "Created", "Container created");
        try {
            context.runtime().startContainer(id);
        } catch (RuntimeFailure e) {
            throw failed(pod, spec, "RunContainerError", e.text());
        }
        context.events().pod(pod, spec.getName(), Type.NORMAL, "Started", "Container started");
        return id;
    }

    private StartFailed failed(Pod pod, Container spec, String reason, String message) {
        context.events().pod(pod, spec.getName(), Type.WARNING, "Failed", "Error: " + message);
        return new StartFailed(
                new Waiting(reason, message), context.clock().instant().plus(RETRY));
    }

    private ContainerConfig configure(Pod pod, Container spec, int attempt, Image image, List<String> podIps)
            throws StartFailed {
        try {
            Map<String, String> env = environment.of(
                    pod, spec, context.source().services(), context.node().get(), podIps);
            List<Mount> mounts =
                    new ArrayList<>(context.volumes().mounts(pod, spec, text -> Expansion.expand(text, env)));
            mounts.addAll(ownFiles(pod, spec, attempt, mounts));
            return ContainerConfigs.of(
                    pod,
                    spec,
                    attempt,
                    image.user(),
                    env,
                    mounts,
                    context.memoryCapacity(),
                    this::seccompProfile,
                    target(pod, spec));
        } catch (VolumeFailure e) {
            throw failed(pod, spec, "CreateContainerConfigError", e.text());
        } catch (StatusException e) {
            throw failed(pod, spec, "CreateContainerConfigError", e.text());
        } catch (IOException | UncheckedIOException e) {
            throw failed(pod, spec, "CreateContainerConfigError", String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> target(Pod pod, Container spec) {
        return PodSpecs.targetContainer(pod, spec.getName())
                .map(name -> context.runtime().podContainers(pod.getMetadata().getUid()).stream()
                        .filter(candidate -> candidate.name().equals(name) && candidate.running())
                        .findFirst()
                        .orElseThrow(() -> new VolumeFailure("unable to find target container " + name))
                        .id());
    }

    private String seccompProfile(String name) {
        Path root = context.seccompDir().normalize();
        Path file = root.resolve(name).normalize();
        if (!file.startsWith(root)) {
            throw new VolumeFailure("seccomp profile \"%s\" leaves its directory".formatted(name));
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new VolumeFailure("cannot load seccomp profile \"%s\"".formatted(file));
        }
    }

    /** Hosts, resolver and the file for last words, unless the container mounts something of its own there. */
    private List<Mount> ownFiles(Pod pod, Container spec, int attempt, List<Mount> taken) throws IOException {
        PodDirectory directory = context.volumes().directory(pod.getMetadata().getUid());
        Path lastWords = directory.terminationLog(spec.getName(), attempt);
        Files.createDirectories(lastWords.getParent());
        Files.deleteIfExists(lastWords);
        Files.createFile(lastWords);
        Files.setAttribute(lastWords, "unix:mode", 0666);
        List<Mount> mounts = new ArrayList<>();
        add(mounts, taken, directory.hosts(), "/etc/hosts");
        add(mounts, taken, directory.resolvConf(), "/etc/resolv.conf");
        add(
                mounts,
                taken,
                lastWords,
                Objects.requireNonNullElse(spec.getTerminationMessagePath(), "/dev/termination-log"));
        return mounts;
    }

    private static void add(List<Mount> mounts, List<Mount> taken, Path file, String where) {
        if (taken.stream().noneMatch(mount -> mount.containerPath().equals(where))) {
            mounts.add(new Mount(file.toString(), where, false, Propagation.PRIVATE));
        }
    }

    /** Throws {@link HookFailed} after having told people. */
    void postStart(Pod pod, Container spec, String id, String podIp) {
        if (spec.getLifecycle() == null || spec.getLifecycle().getPostStart() == null) {
            return;
        }
        try {
            context.handlers().hook(spec.getLifecycle().getPostStart(), spec, id, podIp, Duration.ofHours(24));
        } catch (HookFailed e) {
            context.events().pod(pod, spec.getName(), Type.WARNING, "FailedPostStartHook", "PostStartHook failed");
            throw e;
        } catch (RuntimeFailure e) {
            context.events().pod(pod, spec.getName(), Type.WARNING, "FailedPostStartHook", "PostStartHook failed");
            throw e;
        }
    }

    /** A hook that fails does not keep the container from being stopped. */
    void preStop(Pod pod, Container spec, String id, String podIp, Duration atMost) {
        if (spec.getLifecycle() == null || spec.getLifecycle().getPreStop() == null) {
            return;
        }
        try {
            context.handlers().hook(spec.getLifecycle().getPreStop(), spec, id, podIp, atMost);
        } catch (HookFailed | RuntimeFailure e) {
            context.events().pod(pod, spec.getName(), Type.WARNING, "FailedPreStopHook", "PreStopHook failed");
        }
    }
}
