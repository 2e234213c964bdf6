package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.quarterdeck.model.NodeSelectors;
import io.quarterdeck.model.Quantity;
import io.quarterdeck.model.Tolerations;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import io.quarterdeck.quota.PodResources;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whether the node can take a pod that is bound to it: who binds by hand, or knew less, may have bound too much. Pure.
 * Source: upstream's kubelet, whose first objection decides, in its order and words.
 */
final class PodAdmission {

    private static final String ANY_ADDRESS = "0.0.0.0";

    /** Those that reach no further than the pod. Source: "Using sysctls in a Kubernetes Cluster", safe sysctls. */
    private static final Set<String> SAFE_SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_wmem");

    private static final List<String> FIRST = List.of("cpu", "memory", "ephemeral-storage");

    private PodAdmission() {}

    /**
     * @param others that the node has taken and that have not ended
     * @param appArmor whether the kernel enforces its profiles
     */
    static Optional<Refusal> refusal(Pod pod, Node node, Collection<Pod> others, boolean appArmor) {
        Optional<Refusal> sysctls = sysctls(pod);
        if (sysctls.isPresent()) {
            return sysctls;
        }
        if (pod.getSpec().getOs() != null
                && !"linux".equals(pod.getSpec().getOs().getName())) {
            return refused("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS");
        }
        Optional<Refusal> resources = resources(pod, node, others);
        if (resources.isPresent()) {
            return resources;
        }
        Map<String, String> labels =
                Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
        if (!NodeSelectors.allow(pod.getSpec(), labels, node.getMetadata().getName())) {
            return predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
        }
        List<ContainerPort> taken =
                others.stream().flatMap(PodAdmission::hostPorts).toList();
        if (hostPorts(pod).anyMatch(port -> taken.stream().anyMatch(other -> conflict(port, other)))) {
            return predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports");
        }
        List<Taint> taints = Objects.requireNonNullElse(node.getSpec().getTaints(), List.of());
        List<Toleration> tolerations = Objects.requireNonNullElse(pod.getSpec().getTolerations(), List.of());
        if (Tolerations.firstUntolerated(taints, tolerations, Set.of("NoExecute"))
                .isPresent()) {
            return predicate("TaintToleration", "node(s) had taints that the pod didn't tolerate");
        }
        return !appArmor && wantsAppArmor(pod)
                ? refused("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
                : Optional.empty();
    }

    private static boolean wantsAppArmor(Pod pod) {
        Stream<AppArmorProfile> podLevel = Stream.ofNullable(pod.getSpec().getSecurityContext())
                .flatMap(context -> Stream.ofNullable(context.getAppArmorProfile()));
        Stream<AppArmorProfile> own = PodSpecs.allContainers(pod)
                .flatMap(container -> Stream.ofNullable(container.getSecurityContext()))
                .flatMap(context -> Stream.ofNullable(context.getAppArmorProfile()));
        return Stream.concat(podLevel, own).anyMatch(profile -> !"Unconfined".equals(profile.getType()));
    }

    private static Optional<Refusal> refused(String reason, String message) {
        return Optional.of(new Refusal(reason, message, true));
    }

    private static Optional<Refusal> predicate(String name, String message) {
        return refused(name, "Predicate %s failed: %s".formatted(name, message));
    }

    // ---- kernel parameters ----

    private static Optional<Refusal> sysctls(Pod pod) {
        PodSecurityContext security = pod.getSpec().getSecurityContext();
        return security == null || security.getSysctls() == null
                ? Optional.empty()
                : security.getSysctls().stream()
                        .map(sysctl -> forbidden(dotted(sysctl.getName()), pod))
                        .flatMap(Optional::stream)
                        .findFirst();
    }

    private static Optional<Refusal> forbidden(String sysctl, Pod pod) {
        String why;
        if (!SAFE_SYSCTLS.contains(sysctl)) {
            why = "not allowlisted";
        } else if (sysctl.startsWith("kernel.shm")
                && Boolean.TRUE.equals(pod.getSpec().getHostIPC())) {
            why = "not allowed with host IPC enabled";
        } else if (sysctl.startsWith("net.") && PodSpecs.hostNetwork(pod)) {
            why = "not allowed with host Net enabled";
        } else {
            return Optional.empty();
        }
        return refused("SysctlForbidden", "forbidden sysctl: \"%s\" %s".formatted(sysctl, why));
    }

    /** Slashes may stand for dots; then dots stand for slashes. */
    private static String dotted(String name) {
        int separator = name.indexOf('/');
        int dot = name.indexOf('.');
        if (separator < 0 || dot >= 0 && dot < separator) {
            return name;
        }
        return name.replace('.', '\0').replace('/', '.').replace('\0', '/');
    }

    // ---- resources ----

    private static Optional<Refusal> resources(Pod pod, Node node, Collection<Pod> others) {
        Map<String, io.fabric8.kubernetes.api.model.Quantity> allocatable =
                Objects.requireNonNullElse(node.getStatus().getAllocatable(), Map.of());
        if (others.size() + 1 > amount("pods", allocatable)) {
            return insufficient("pods", 1, others.size(), amount("pods", allocatable));
        }
        Map<String, Quantity> requests = requests(pod);
        List<Map<String, Quantity>> used =
                others.stream().map(PodAdmission::requests).toList();
        Set<String> names = new LinkedHashSet<>(FIRST);
        // What is no resource of the node is handed out elsewhere.
        requests.keySet().stream().filter(allocatable::containsKey).forEach(names::add);
        for (String name : names) {
            long wanted = amount(name, requests.getOrDefault(name, Quantity.ZERO));
            long before = used.stream()
                    .mapToLong(other -> amount(name, other.getOrDefault(name, Quantity.ZERO)))
                    .sum();
            if (wanted > 0 && wanted > amount(name, allocatable) - before) {
                return insufficient(name, wanted, before, amount(name, allocatable));
            }
        }
        return Optional.empty();
    }

    private static Optional<Refusal> insufficient(String name, long requested, long used, long capacity) {
        return refused(
                "OutOf" + name,
                "Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d"
                        .formatted(name, requested, used, capacity));
    }

    private static Map<String, Quantity> requests(Pod pod) {
        return PodResources.totalWithOverhead(
                JsonMapper.shared().valueToTree(Map.of("spec", pod.getSpec())), "requests");
    }

    private static long amount(String name, Map<String, io.fabric8.kubernetes.api.model.Quantity> amounts) {
        io.fabric8.kubernetes.api.model.Quantity amount = amounts.get(name);
        return amount == null ? 0 : whole(name, amount.getNumericalAmount());
    }

    private static long amount(String name, Quantity amount) {
        return whole(name, amount.value());
    }

    /** CPU in thousandths, all else in whole units, rounded up. */
    private static long whole(String name, BigDecimal amount) {
        BigDecimal units = name.equals("cpu") ? amount.movePointRight(3) : amount;
        return units.setScale(0, RoundingMode.UP).longValue();
    }

    // ---- ports ----

    private static Stream<ContainerPort> hostPorts(Pod pod) {
        return PodSpecs.allContainers(pod)
                .flatMap(container ->
                        Objects.requireNonNullElse(container.getPorts(), List.<ContainerPort>of()).stream())
                .filter(port -> port.getHostPort() != null && port.getHostPort() > 0);
    }

    private static boolean conflict(ContainerPort one, ContainerPort other) {
        return one.getHostPort().equals(other.getHostPort())
                && protocol(one).equals(protocol(other))
                && (address(one).equals(ANY_ADDRESS)
                        || address(other).equals(ANY_ADDRESS)
                        || address(one).equals(address(other)));
    }

    private static String protocol(ContainerPort port) {
        return Objects.requireNonNullElse(port.getProtocol(), "TCP");
    }

    private static String address(ContainerPort port) {
        String address = port.getHostIP();
        return address == null || address.isEmpty() ? ANY_ADDRESS : address;
    }
}
