package io.quarterdeck.controller.endpoints;

import io.fabric8.kubernetes.api.model.Node;
import io.quarterdeck.model.Quantity;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How the CPU of the ready nodes spreads over zones, as parts of 1. Empty when a node does not tell, or when there are not
 * two zones: then nobody can say where traffic should stay. Pure. Source: Kubernetes documentation, "Topology Aware
 * Routing".
 */
record ZoneShares(Map<String, Double> byZone) {

    /** What an endpoint may be asked for above its share. */
    static final double OVERLOAD = 0.2;

    private static final String ZONE = "topology.kubernetes.io/zone";

    static ZoneShares of(Collection<Node> nodes) {
        Map<String, BigDecimal> byZone = new TreeMap<>();
        for (Node node : nodes) {
            Map<String, String> labels = labels(node);
            if (labels.containsKey("node-role.kubernetes.io/control-plane")
                    || labels.containsKey("node-role.kubernetes.io/master")
                    || !ready(node)) {
                continue;
            }
            BigDecimal cpu = cpu(node);
            if (zone(node).isEmpty() || cpu.signum() == 0) {
                return new ZoneShares(Map.of());
            }
            byZone.merge(zone(node), cpu, BigDecimal::add);
        }
        double total =
                byZone.values().stream().mapToDouble(BigDecimal::doubleValue).sum();
        if (byZone.size() < 2) {
            return new ZoneShares(Map.of());
        }
        Map<String, Double> shares = new TreeMap<>();
        byZone.forEach((zone, cpu) -> shares.put(zone, cpu.doubleValue() / total));
        return new ZoneShares(shares);
    }

    /** The fewest of {@code endpoints} with which a zone of {@code share} is not overloaded. */
    static int minimum(double share, double endpoints) {
        return (int) Math.ceil(endpoints * share / (1 + OVERLOAD));
    }

    /** @param hinted the endpoints that each zone was given */
    boolean overloaded(Map<String, Integer> hinted) {
        if (hinted.isEmpty()) {
            return false;
        }
        int total = hinted.values().stream().mapToInt(Integer::intValue).sum();
        return byZone.isEmpty()
                || byZone.entrySet().stream()
                        .anyMatch(zone -> !hinted.containsKey(zone.getKey())
                                || hinted.get(zone.getKey()) < minimum(zone.getValue(), total));
    }

    static String zone(Node node) {
        return labels(node).getOrDefault(ZONE, "");
    }

    static boolean ready(Node node) {
        return node.getStatus() != null
                && Optional.ofNullable(node.getStatus().getConditions()).stream()
                        .flatMap(Collection::stream)
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    private static BigDecimal cpu(Node node) {
        return Optional.ofNullable(node.getStatus().getAllocatable())
                .map(allocatable -> allocatable.get("cpu"))
                .map(cpu -> Quantity.parse(cpu.toString()).value())
                .orElse(BigDecimal.ZERO);
    }

    private static Map<String, String> labels(Node node) {
        return Optional.ofNullable(node.getMetadata().getLabels()).orElse(Map.of());
    }
}
