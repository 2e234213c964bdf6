package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.node.events.NodeEvents.Type;
import io.quarterdeck.node.host.AtomicFiles;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.network.CniNetwork;
import io.quarterdeck.node.network.PodFiles;
import io.quarterdeck.node.network.SandboxNetwork.HostPort;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.Sandbox;
import io.quarterdeck.node.runtime.SandboxConfig;
import io.quarterdeck.node.volumes.PodDirectory;
import io.quarterdeck.node.volumes.PodVolumes;
import io.quarterdeck.node.volumes.VolumeFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a pod's containers stand on: volumes, sandbox, network, hosts and resolver files. A step that fails is told to
 * people and tried again later and later. For its worker's thread only, but for {@link #addresses()}.
 */
final class PodSetup {

    private static final Duration FIRST_BLOCK = Duration.ofSeconds(1);
    private static final Duration LONGEST_BLOCK = Duration.ofSeconds(60);

    private final String uid;
    private final PodContext context;
    private volatile List<String> addresses = List.of();
    private boolean volumesReady;
    private @Nullable Instant blockedUntil;
    private Duration block = FIRST_BLOCK;
    private Instant nextRefresh;

    PodSetup(String uid, PodContext context) {
        this.uid = uid;
        this.context = context;
        this.nextRefresh = context.clock().instant().plus(PodWorker.RELIST);
    }

    /** The pod's own, or the node's for a pod on the host's network. */
    List<String> addresses() {
        return addresses;
    }

    String address() {
        List<String> known = addresses;
        return known.isEmpty() ? "" : known.getFirst();
    }

    /** Takes note of what the network has given the newest sandbox. */
    void found(Pod pod, Optional<List<String>> given) {
        addresses = PodSpecs.hostNetwork(pod) ? context.node().get().hostIps() : given.orElse(List.of());
    }

    boolean volumesReady() {
        return volumesReady;
    }

    Optional<Instant> blockedUntil() {
        return Optional.ofNullable(blockedUntil);
    }

    /** Each step returns when it may be tried again, empty when it succeeded. */
    Optional<Instant> setUpVolumes(Pod pod) {
        return attempt(pod, "FailedMount", () -> {
            context.volumes().setUp(pod);
            PodDirectory directory = context.volumes().directory(uid);
            AtomicFiles.write(directory.resolvConf(), context.files().resolvConf(pod, nodeFile("/etc/resolv.conf")));
            writeHosts(pod);
            volumesReady = true;
        });
    }

    Optional<Instant> runSandbox(Pod pod, int attempt) {
        return attempt(
                pod, "FailedCreatePodSandBox", () -> context.runtime().runPodSandbox(sandboxConfig(pod, attempt)));
    }

    Optional<Instant> attachNetwork(Pod pod, Sandbox sandbox) {
        return attempt(pod, "FailedCreatePodSandBox", () -> {
            try {
                addresses = context.network().attach(sandbox, hostPorts(pod));
            } catch (CniNetwork.PluginFailed e) {
                // Half of a network is taken back, or the next try meets its own remains.
                context.network().detach(sandbox.id());
                throw e;
            }
            writeHosts(pod);
        });
    }

    private Optional<Instant> attempt(Pod pod, String reason, Runnable step) {
        String message;
        try {
            step.run();
            blockedUntil = null;
            block = FIRST_BLOCK;
            return Optional.empty();
        } catch (VolumeFailure e) {
            message = e.text();
        } catch (RuntimeFailure | HostCommands.Failed | CniNetwork.PluginFailed | UncheckedIOException e) {
            message = "Failed to create pod sandbox: " + e.getMessage();
        }
        context.events().pod(pod, "", Type.WARNING, reason, message);
        Instant until = context.clock().instant().plus(block);
        blockedUntil = until;
        block = block.multipliedBy(2).compareTo(LONGEST_BLOCK) > 0 ? LONGEST_BLOCK : block.multipliedBy(2);
        return Optional.of(until);
    }

    /** Brings volumes that mirror objects up to date, when it is time. */
    void refresh(Pod pod) {
        Instant now = context.clock().instant();
        if (!volumesReady || !PodVolumes.needsRefresh(pod) || now.isBefore(nextRefresh)) {
            return;
        }
        nextRefresh = now.plus(PodWorker.RELIST);
        try {
            context.volumes().setUp(pod);
        } catch (VolumeFailure e) {
            context.events().pod(pod, "", Type.WARNING, "FailedMount", e.text());
        }
    }

    /** When there is something to refresh. */
    Instant nextRefresh() {
        return nextRefresh;
    }

    void tearDown() {
        context.volumes().tearDown(uid);
        volumesReady = false;
    }

    private void writeHosts(Pod pod) {
        Path hosts = context.volumes().directory(uid).hosts();
        String text = context.files().hosts(pod, addresses, nodeFile("/etc/hosts"));
        // Mounted as a file: replacing it would leave running containers with the old one.
        if (!AtomicFiles.read(hosts).equals(Optional.of(text))) {
            try {
                Files.createDirectories(hosts.getParent());
                Files.writeString(hosts, text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String nodeFile(String path) {
        return AtomicFiles.read(Path.of(path)).orElse("");
    }

    private static SandboxConfig sandboxConfig(Pod pod, int attempt) {
        Map<String, String> sysctls = new HashMap<>();
        var security = pod.getSpec().getSecurityContext();
        if (security != null && security.getSysctls() != null) {
            security.getSysctls().forEach(sysctl -> sysctls.put(sysctl.getName(), sysctl.getValue()));
        }
        return new SandboxConfig(
                PodSpecs.ref(pod),
                attempt,
                PodFiles.hostname(pod),
                PodSpecs.hostNetwork(pod),
                Boolean.TRUE.equals(pod.getSpec().getHostPID()),
                Boolean.TRUE.equals(pod.getSpec().getHostIPC()),
                Boolean.FALSE.equals(pod.getSpec().getHostUsers()),
                sysctls);
    }

    private static List<HostPort> hostPorts(Pod pod) {
        return PodSpecs.allContainers(pod)
                .flatMap(container ->
                        Objects.requireNonNullElse(container.getPorts(), List.<ContainerPort>of()).stream())
                .filter(port -> port.getHostPort() != null && port.getHostPort() > 0)
                .map(port -> new HostPort(
                        port.getHostPort(),
                        port.getContainerPort(),
                        Objects.requireNonNullElse(port.getProtocol(), "TCP"),
                        Objects.requireNonNullElse(port.getHostIP(), "")))
                .toList();
    }
}
