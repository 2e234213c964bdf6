package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Values;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What an update of a Service keeps of the old state although the client left it out, and what a change of type drops. */
final class ServiceChanges {

    private static final String ADDRESS = "spec.clusterIP";
    private static final String ADDRESSES = "spec.clusterIPs";

    private ServiceChanges() {}

    static void carryOver(Document next, Document old) {
        ServiceShape before = ServiceShape.of(old);
        ServiceShape after = ServiceShape.of(next);
        if (before.clusterIp() && after.clusterIp()) {
            if (next.text(ADDRESS).isEmpty()) {
                next.keep(ADDRESS, old);
            }
            if (next.at(ADDRESSES).isEmpty()) {
                next.keep(ADDRESSES, old);
            }
        }
        if (before.opensPorts() && after.opensPorts()) {
            keepNodePorts(next, old);
        }
        if (before.healthCheck() && after.healthCheck() && next.number("spec.healthCheckNodePort", 0) == 0) {
            next.keep("spec.healthCheckNodePort", old);
        }
        normalizeAddresses(next, old);
    }

    /** The first address and the list of addresses say the same; the one that changed wins. */
    private static void normalizeAddresses(Document next, Document old) {
        boolean sameAddress = next.text(ADDRESS).equals(old.text(ADDRESS));
        if (next.at(ADDRESSES).isEmpty() && sameAddress) {
            next.keep(ADDRESSES, old);
        }
        if (sameAddress || !Values.same(next.at(ADDRESSES), old.at(ADDRESSES))) {
            return;
        }
        if (next.text(ADDRESS).isEmpty()) {
            next.remove(ADDRESSES);
        } else {
            next.object("spec").putArray("clusterIPs").add(next.text(ADDRESS));
        }
    }

    /** Ports are known by their names, of which a single one has none. */
    private static void keepNodePorts(Document next, Document old) {
        Map<String, Integer> known = new HashMap<>();
        Set<Integer> used = new HashSet<>();
        old.items("spec.ports")
                .forEach(port -> known.put(
                        port.path("name").asString(""), port.path("nodePort").asInt(0)));
        next.items("spec.ports").forEach(port -> used.add(port.path("nodePort").asInt(0)));
        for (JsonNode port : next.items("spec.ports")) {
            int nodePort = known.getOrDefault(port.path("name").asString(""), 0);
            if (port.path("nodePort").asInt(0) == 0 && !used.contains(nodePort)) {
                ((ObjectNode) port).put("nodePort", nodePort);
            }
        }
    }

    static void dropWhatTheTypeHadOnly(Document next, Document old) {
        ServiceShape before = ServiceShape.of(old);
        ServiceShape after = ServiceShape.of(next);
        if (before.clusterIp() && !after.clusterIp()) {
            if (next.same(ADDRESS, old) && next.same(ADDRESSES, old)) {
                next.remove(ADDRESS);
                next.remove(ADDRESSES);
            }
            for (String field : List.of("spec.ipFamilies", "spec.ipFamilyPolicy")) {
                if (next.same(field, old)) {
                    next.remove(field);
                }
            }
        }
        if (before.opensPorts()
                && !after.opensPorts()
                && NodePortOperation.nodePorts(old).containsAll(NodePortOperation.nodePorts(next))) {
            next.items("spec.ports").forEach(port -> ((ObjectNode) port).remove("nodePort"));
        }
        if (before.healthCheck() && !after.healthCheck() && next.same("spec.healthCheckNodePort", old)) {
            next.remove("spec.healthCheckNodePort");
        }
        if (before.type().equals("LoadBalancer") && !after.type().equals("LoadBalancer")) {
            for (String field : List.of("spec.allocateLoadBalancerNodePorts", "spec.loadBalancerClass")) {
                if (next.same(field, old)) {
                    next.remove(field);
                }
            }
        }
        if (!after.type().equals("LoadBalancer")) {
            next.object("status.loadBalancer").removeAll();
        }
        if (before.external() && !after.external() && next.same("spec.externalTrafficPolicy", old)) {
            next.remove("spec.externalTrafficPolicy");
        }
        if (!before.type().equals("ExternalName")
                && after.type().equals("ExternalName")
                && next.same("spec.internalTrafficPolicy", old)) {
            next.remove("spec.internalTrafficPolicy");
        }
    }
}
