package io.quarterdeck.node.registration;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.quarterdeck.node.runtime.ImageService.Image;
import io.quarterdeck.node.runtime.RuntimeVersion;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Node object that this node writes of itself. Pure. Source: "Node Status" and "Well-Known Labels". */
final class NodeObject {

    static final String VERSION = "v1.36.2";

    private static final long RESERVED_MEMORY = 100L << 20;
    private static final long LEAST_MEMORY = 100L << 20;
    private static final int MAX_IMAGES = 50;

    /** How the node is right now. Not ready comes with the reason why. */
    record Health(Optional<String> notReady, long memoryAvailable, long diskAvailable) {}

    private final String name;
    private final String address;
    private final int serverPort;
    private final int maxPods;
    private final MachineFacts machine;
    private final RuntimeVersion runtime;

    NodeObject(String name, String address, int serverPort, int maxPods, MachineFacts machine, RuntimeVersion runtime) {
        this.name = name;
        this.address = address;
        this.serverPort = serverPort;
        this.maxPods = maxPods;
        this.machine = machine;
        this.runtime = runtime;
    }

    Map<String, String> labels() {
        return new TreeMap<>(Map.of(
                "kubernetes.io/hostname",
                name,
                "kubernetes.io/os",
                "linux",
                "kubernetes.io/arch",
                machine.architecture(),
                "beta.kubernetes.io/os",
                "linux",
                "beta.kubernetes.io/arch",
                machine.architecture()));
    }

    Node node(Map<String, String> ownLabels, NodeStatus status) {
        Map<String, String> labels = labels();
        labels.putAll(ownLabels);
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .addToAnnotations("volumes.kubernetes.io/controller-managed-attach-detach", "true")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withStatus(status)
                .build();
    }

    Map<String, Quantity> capacity() {
        Map<String, Quantity> capacity = new TreeMap<>();
        capacity.put("cpu", new Quantity(Integer.toString(machine.cpus())));
        capacity.put("memory", kibibytes(machine.memory()));
        capacity.put("ephemeral-storage", kibibytes(machine.disk()));
        capacity.put("pods", new Quantity(Integer.toString(maxPods)));
        capacity.put("hugepages-1Gi", new Quantity("0"));
        capacity.put("hugepages-2Mi", new Quantity("0"));
        return capacity;
    }

    /** Less what eviction would keep free: 100 MiB of memory, a tenth of the disk. */
    Map<String, Quantity> allocatable() {
        Map<String, Quantity> allocatable = capacity();
        allocatable.put("memory", kibibytes(machine.memory() - RESERVED_MEMORY));
        allocatable.put(
                "ephemeral-storage", new Quantity(Long.toString(machine.disk() - (long) (machine.disk() * 0.1))));
        return allocatable;
    }

    private static Quantity kibibytes(long bytes) {
        return new Quantity(bytes / 1024 + "Ki");
    }

    NodeStatus status(@Nullable NodeStatus before, List<Image> images, Health health, Instant now) {
        return new NodeStatusBuilder()
                .withCapacity(capacity())
                .withAllocatable(allocatable())
                .withAddresses(new NodeAddress(address, "InternalIP"), new NodeAddress(name, "Hostname"))
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(serverPort)
                .endDaemonEndpoints()
                .withNewNodeInfo()
                .withMachineID(machine.machineId())
                .withSystemUUID(machine.systemUuid())
                .withBootID(machine.bootId())
                .withKernelVersion(machine.kernelVersion())
                .withOsImage(machine.osImage())
                .withContainerRuntimeVersion(runtime.name() + "://" + runtime.version())
                .withKubeletVersion(VERSION)
                .withKubeProxyVersion("")
                .withOperatingSystem("linux")
                .withArchitecture(machine.architecture())
                .endNodeInfo()
                .withImages(images.stream()
                        .filter(image ->
                                !image.tags().isEmpty() || !image.digests().isEmpty())
                        .sorted(Comparator.comparingLong(Image::size).reversed())
                        .limit(MAX_IMAGES)
                        .map(NodeObject::image)
                        .toList())
                .withConditions(conditions(before, health, now))
                .build();
    }

    private static ContainerImage image(Image image) {
        List<String> names = new ArrayList<>(image.digests());
        names.addAll(image.tags());
        return new ContainerImage(names, image.size());
    }

    private List<NodeCondition> conditions(@Nullable NodeStatus before, Health health, Instant now) {
        boolean memory = health.memoryAvailable() < LEAST_MEMORY;
        boolean disk = health.diskAvailable() < machine.disk() / 10;
        return List.of(
                condition(
                        before,
                        "MemoryPressure",
                        memory,
                        memory ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
                        memory
                                ? "kubelet has insufficient memory available"
                                : "kubelet has sufficient memory available",
                        now),
                condition(
                        before,
                        "DiskPressure",
                        disk,
                        disk ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
                        disk ? "kubelet has disk pressure" : "kubelet has no disk pressure",
                        now),
                condition(
                        before,
                        "PIDPressure",
                        false,
                        "KubeletHasSufficientPID",
                        "kubelet has sufficient PID available",
                        now),
                condition(
                        before,
                        "Ready",
                        health.notReady().isEmpty(),
                        health.notReady().isEmpty() ? "KubeletReady" : "KubeletNotReady",
                        health.notReady().orElse("kubelet is posting ready status"),
                        now));
    }

    private static NodeCondition condition(
            @Nullable NodeStatus before, String type, boolean holds, String reason, String message, Instant now) {
        String value = holds ? "True" : "False";
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        List<NodeCondition> known = before == null
                ? List.of()
                : Objects.requireNonNullElse(before.getConditions(), List.<NodeCondition>of());
        String since = known.stream()
                .filter(condition -> condition.getType().equals(type) && value.equals(condition.getStatus()))
                .map(NodeCondition::getLastTransitionTime)
                .findFirst()
                .orElse(time);
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(value)
                .withReason(reason)
                .withMessage(message)
                .withLastHeartbeatTime(time)
                .withLastTransitionTime(since)
                .build();
    }
}
