package io.quarterdeck.scheduler.framework;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pod with what the rules ask of it worked out once. Immutable; equal by uid.
 *
 * @param requests what it takes from a node: the larger of what runs together and what starts it, plus overhead.
 *     Source: Kubernetes documentation, "Resource sharing within containers"
 * @param scoringRequests the same with 100m CPU and 200 MiB for each container that states none, so that pods without
 *     requests still spread
 */
public record PodInfo(Pod pod, Resources requests, Resources scoringRequests, List<HostPort> hostPorts) {

    private static final long DEFAULT_MILLI_CPU = 100;
    private static final long DEFAULT_MEMORY = 200L * 1024 * 1024;

    public static PodInfo of(Pod pod) {
        return new PodInfo(pod, requests(pod, false), requests(pod, true), hostPortsOf(pod.getSpec()));
    }

    public String name() {
        return pod.getMetadata().getName();
    }

    public String namespace() {
        return pod.getMetadata().getNamespace();
    }

    public String uid() {
        return pod.getMetadata().getUid();
    }

    public Map<String, String> labels() {
        return Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
    }

    public PodSpec spec() {
        return pod.getSpec();
    }

    public int priority() {
        return Objects.requireNonNullElse(pod.getSpec().getPriority(), 0);
    }

    public List<Toleration> tolerations() {
        return Objects.requireNonNullElse(pod.getSpec().getTolerations(), List.of());
    }

    /** The node that it is bound to; empty while it waits. */
    public Optional<String> nodeName() {
        return Optional.ofNullable(pod.getSpec().getNodeName()).filter(name -> !name.isEmpty());
    }

    public Optional<String> nominatedNode() {
        return pod.getStatus() == null
                ? Optional.empty()
                : Optional.ofNullable(pod.getStatus().getNominatedNodeName()).filter(name -> !name.isEmpty());
    }

    public boolean terminating() {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    /** When it was started, or, as long as it was not, the far future: such a pod is the youngest. */
    public Instant startTime() {
        String started = pod.getStatus() == null ? null : pod.getStatus().getStartTime();
        return started == null ? Instant.MAX : Instant.parse(started);
    }

    private static Resources requests(Pod pod, boolean forScoring) {
        PodSpec spec = pod.getSpec();
        Resources running = Resources.NONE;
        for (Container container : spec.getContainers()) {
            running = running.plus(of(container, forScoring));
        }
        Resources sidecars = Resources.NONE;
        Resources starting = Resources.NONE;
        for (Container container : Objects.requireNonNullElse(spec.getInitContainers(), List.<Container>of())) {
            Resources own = of(container, forScoring);
            if ("Always".equals(container.getRestartPolicy())) {
                sidecars = sidecars.plus(own);
                running = running.plus(own);
                starting = starting.max(sidecars);
            } else {
                starting = starting.max(sidecars.plus(own));
            }
        }
        Resources total = running.max(starting);
        if (spec.getResources() != null) {
            total = total.overriddenBy(Resources.of(spec.getResources().getRequests()));
        }
        return total.plus(Resources.of(spec.getOverhead()));
    }

    private static Resources of(Container container, boolean forScoring) {
        Map<String, Quantity> stated = container.getResources() == null
                ? Map.of()
                : Objects.requireNonNullElse(container.getResources().getRequests(), Map.of());
        Resources requests = Resources.of(stated);
        if (!forScoring) {
            return requests;
        }
        return new Resources(
                stated.containsKey("cpu") ? requests.milliCpu() : DEFAULT_MILLI_CPU,
                stated.containsKey("memory") ? requests.memory() : DEFAULT_MEMORY,
                requests.ephemeralStorage(),
                0,
                requests.scalars());
    }

    private static List<HostPort> hostPortsOf(PodSpec spec) {
        List<HostPort> ports = new ArrayList<>();
        spec.getContainers().forEach(container -> addHostPorts(container, ports));
        for (Container container : Objects.requireNonNullElse(spec.getInitContainers(), List.<Container>of())) {
            if ("Always".equals(container.getRestartPolicy())) {
                addHostPorts(container, ports);
            }
        }
        return List.copyOf(ports);
    }

    private static void addHostPorts(Container container, List<HostPort> ports) {
        for (ContainerPort port : Objects.requireNonNullElse(container.getPorts(), List.<ContainerPort>of())) {
            if (port.getHostPort() != null && port.getHostPort() > 0) {
                String ip = port.getHostIP();
                ports.add(new HostPort(
                        ip == null || ip.isEmpty() ? HostPort.ANY : ip,
                        Objects.requireNonNullElse(port.getProtocol(), "TCP"),
                        port.getHostPort()));
            }
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PodInfo info && uid().equals(info.uid());
    }

    @Override
    public int hashCode() {
        return uid().hashCode();
    }

    @Override
    public String toString() {
        return namespace() + "/" + name();
    }
}
