package io.quarterdeck.node.volumes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.host.AtomicFiles;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.runtime.ContainerConfig.Mount;
import io.quarterdeck.node.runtime.ContainerConfig.Propagation;
import io.quarterdeck.node.volumes.DownwardApi.NodeFacts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sets up, refreshes and takes away the volumes of pods. Thread-safe for different pods. */
public final class PodVolumes {

    private final Path dataDir;
    private final HostCommands commands;
    private final VolumeContents contents;
    private final Supplier<NodeFacts> node;
    private final InstantSource clock;

    public PodVolumes(
            Path dataDir,
            HostCommands commands,
            ClusterObjects objects,
            Supplier<NodeFacts> node,
            InstantSource clock) {
        this.dataDir = dataDir;
        this.commands = commands;
        this.contents = new VolumeContents(objects);
        this.node = node;
        this.clock = clock;
    }

    public PodDirectory directory(String podUid) {
        return PodDirectory.of(dataDir, podUid);
    }

    /** Sets up what is missing and brings the rest up to date. Throws {@link VolumeFailure} for the first that fails. */
    public void setUp(Pod pod) {
        for (Volume volume : volumes(pod)) {
            try {
                setUp(pod, volume);
            } catch (IOException | UncheckedIOException | HostCommands.Failed e) {
                throw new VolumeFailure(failed(volume, String.valueOf(e.getMessage())));
            } catch (StatusException e) {
                throw new VolumeFailure(failed(volume, e.text()));
            } catch (VolumeFailure e) {
                throw new VolumeFailure(failed(volume, e.text()));
            }
        }
    }

    private static String failed(Volume volume, String why) {
        return "MountVolume.SetUp failed for volume \"%s\" : %s".formatted(volume.getName(), why);
    }

    /** Whether something in it can change while the pod runs. */
    public static boolean needsRefresh(Pod pod) {
        return volumes(pod).stream().anyMatch(VolumeContents::mirrorsObjects);
    }

    private static List<Volume> volumes(Pod pod) {
        return Objects.requireNonNullElse(pod.getSpec().getVolumes(), List.of());
    }

    private void setUp(Pod pod, Volume volume) throws IOException {
        OptionalLong fsGroup = fsGroup(pod);
        if (volume.getEmptyDir() != null) {
            emptyDir(pod, volume, fsGroup);
        } else if (volume.getHostPath() != null) {
            hostPath(volume.getHostPath());
        } else if (VolumeContents.mirrorsObjects(volume)) {
            Path path = path(pod, volume);
            if (volume.getConfigMap() == null) {
                // Secrets and tokens never touch the disk.
                memory(path, "mode=1777");
            }
            OptionalLong user = commonUser(pod);
            Map<String, FileProjection> files =
                    contents.of(pod, volume, node.get(), user.isPresent() || fsGroup.isPresent());
            if (fsGroup.isPresent()) {
                files.replaceAll((name, file) -> new FileProjection(file.content(), file.mode() | 0440));
            }
            new AtomicDirectory(path, volume.getProjected() == null ? OptionalLong.empty() : user, fsGroup)
                    .write(files, clock.instant());
        } else {
            throw new VolumeFailure("this volume's kind is not supported by this node");
        }
    }

    private void emptyDir(Pod pod, Volume volume, OptionalLong fsGroup) throws IOException {
        Path path = path(pod, volume);
        boolean fresh = !Files.isDirectory(path);
        if ("Memory".equals(volume.getEmptyDir().getMedium())) {
            String size = volume.getEmptyDir().getSizeLimit() == null
                    ? ""
                    : ",size="
                            + volume.getEmptyDir()
                                    .getSizeLimit()
                                    .getNumericalAmount()
                                    .toBigInteger();
            memory(path, "mode=0777" + size);
        }
        if (fresh) {
            Files.createDirectories(path);
            Files.setAttribute(path, "unix:mode", fsGroup.isPresent() ? 02777 : 0777);
            if (fsGroup.isPresent()) {
                Files.setAttribute(path, "unix:gid", (int) fsGroup.getAsLong());
            }
        }
    }

    private void memory(Path path, String options) throws IOException {
        if (isMountPoint(path)) {
            return;
        }
        Files.createDirectories(path);
        commands.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path.toString());
    }

    private static boolean isMountPoint(Path path) throws IOException {
        return Files.isDirectory(path)
                && !Files.getAttribute(path, "unix:dev").equals(Files.getAttribute(path.getParent(), "unix:dev"));
    }

    private static void hostPath(HostPathVolumeSource source) throws IOException {
        Path path = Path.of(source.getPath());
        String type = Objects.requireNonNullElse(source.getType(), "");
        switch (type) {
            case "DirectoryOrCreate" -> {
                if (!Files.exists(path)) {
                    Files.createDirectories(path);
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
                check(Files.isDirectory(path), source, "a directory");
            }
            case "Directory" -> check(Files.isDirectory(path), source, "a directory");
            case "FileOrCreate" -> {
                if (!Files.exists(path)) {
                    Files.createFile(path);
                }
                check(Files.isRegularFile(path), source, "a file");
            }
            case "File" -> check(Files.isRegularFile(path), source, "a file");
            case "Socket" -> check(kind(path) == 0140000, source, "a socket file");
            case "CharDevice" -> check(kind(path) == 0020000, source, "a character device");
            case "BlockDevice" -> check(kind(path) == 0060000, source, "a block device");
            default -> {}
        }
    }

    private static int kind(Path path) throws IOException {
        return Files.exists(path) ? (Integer) Files.getAttribute(path, "unix:mode") & 0170000 : 0;
    }

    private static void check(boolean holds, HostPathVolumeSource source, String what) {
        if (!holds) {
            throw new VolumeFailure("hostPath type check failed: %s is not %s".formatted(source.getPath(), what));
        }
    }

    private static OptionalLong fsGroup(Pod pod) {
        var security = pod.getSpec().getSecurityContext();
        return security == null || security.getFsGroup() == null
                ? OptionalLong.empty()
                : OptionalLong.of(security.getFsGroup());
    }

    /** The user that all containers run as, when the spec says so. */
    private static OptionalLong commonUser(Pod pod) {
        Long podUser = pod.getSpec().getSecurityContext() == null
                ? null
                : pod.getSpec().getSecurityContext().getRunAsUser();
        Set<Optional<Long>> users = Stream.concat(
                        pod.getSpec().getContainers().stream(),
                        Objects.requireNonNullElse(pod.getSpec().getInitContainers(), List.<Container>of()).stream())
                .map(container -> {
                    Long own = container.getSecurityContext() == null
                            ? null
                            : container.getSecurityContext().getRunAsUser();
                    return Optional.ofNullable(own != null ? own : podUser);
                })
                .collect(Collectors.toSet());
        Optional<Long> one = users.size() == 1 ? users.iterator().next() : Optional.empty();
        return one.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    private Path path(Pod pod, Volume volume) {
        PodDirectory directory = directory(pod.getMetadata().getUid());
        if (volume.getHostPath() != null) {
            return Path.of(volume.getHostPath().getPath());
        }
        String plugin = volume.getEmptyDir() != null
                ? "empty-dir"
                : volume.getConfigMap() != null
                        ? "configmap"
                        : volume.getSecret() != null
                                ? "secret"
                                : volume.getDownwardAPI() != null ? "downward-api" : "projected";
        return directory.volume(plugin, volume.getName());
    }

    /** A container's mounts. {@code expand} resolves {@code $(NAME)} of a subPathExpr. */
    public List<Mount> mounts(Pod pod, Container container, UnaryOperator<String> expand) {
        Map<String, Volume> byName = new HashMap<>();
        volumes(pod).forEach(volume -> byName.put(volume.getName(), volume));
        List<Mount> mounts = new ArrayList<>();
        for (VolumeMount mount : Objects.requireNonNullElse(container.getVolumeMounts(), List.<VolumeMount>of())) {
            Volume volume = byName.get(mount.getName());
            if (volume == null) {
                throw new VolumeFailure("volume \"%s\" not found".formatted(mount.getName()));
            }
            Path path = path(pod, volume);
            String subPath = Objects.requireNonNullElse(mount.getSubPath(), "");
            if (mount.getSubPathExpr() != null && !mount.getSubPathExpr().isEmpty()) {
                subPath = expand.apply(mount.getSubPathExpr());
            }
            if (!subPath.isEmpty()) {
                path = subPath(path, subPath, container.getName());
            }
            mounts.add(new Mount(
                    path.toString(),
                    mount.getMountPath(),
                    Boolean.TRUE.equals(mount.getReadOnly()),
                    propagation(mount.getMountPropagation())));
        }
        return mounts;
    }

    private static Propagation propagation(@Nullable String word) {
        return switch (Objects.requireNonNullElse(word, "None")) {
            case "HostToContainer" -> Propagation.HOST_TO_CONTAINER;
            case "Bidirectional" -> Propagation.BIDIRECTIONAL;
            default -> Propagation.PRIVATE;
        };
    }

    /**
     * Resolves links before it decides and before it creates, part by part, so that a container's own link cannot lead out
     * of the volume. What is missing is made with the volume's own mode.
     */
    private static Path subPath(Path volume, String subPath, String container) {
        Path relative = Path.of(subPath).normalize();
        if (relative.isAbsolute() || relative.startsWith("..")) {
            throw new VolumeFailure("subPath \"%s\" leaves the volume".formatted(subPath));
        }
        try {
            Path root = volume.toRealPath();
            Path real = root;
            for (Path part : relative) {
                Path next = real.resolve(part);
                if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectory(next);
                    Files.setAttribute(next, "unix:mode", (Integer) Files.getAttribute(root, "unix:mode") & 07777);
                }
                real = next.toRealPath();
                if (!real.startsWith(root)) {
                    throw new VolumeFailure(
                            "failed to prepare subPath for volumeMount of container \"%s\"".formatted(container));
                }
            }
            return real;
        } catch (IOException e) {
            throw new VolumeFailure("failed to create subPath directory for volumeMount of container \"%s\": %s"
                    .formatted(container, e.getMessage()));
        }
    }

    /** Takes everything of a pod off the disk. May be repeated. */
    public void tearDown(String podUid) {
        Path root = directory(podUid).root();
        if (!Files.isDirectory(root)) {
            return;
        }
        unmountBelow(root);
        AtomicFiles.deleteTree(root);
    }

    private void unmountBelow(Path root) {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            Set<String> points = new LinkedHashSet<>();
            mounts.map(line -> line.split(" ")[1].replace("\\040", " "))
                    .filter(point -> Path.of(point).startsWith(root))
                    .forEach(points::add);
            points.stream().sorted((a, b) -> b.length() - a.length()).forEach(point -> commands.run("umount", point));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Pods that have files here. */
    public Set<String> present() {
        Path pods = dataDir.resolve("pods");
        if (!Files.isDirectory(pods)) {
            return Set.of();
        }
        try (Stream<Path> directories = Files.list(pods)) {
            return directories.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
