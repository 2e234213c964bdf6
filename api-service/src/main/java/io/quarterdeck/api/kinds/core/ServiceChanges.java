package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Values;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What an update of a Service keeps of the old state although the client left it out, and what a change of type drops. */
final class ServiceChanges {

    private ServiceChanges() {}

    static void carryOver(Document next, Document old) {
        normalizeAddresses(next, old);
        ServiceShape before = ServiceShape.of(old);
        ServiceShape after = ServiceShape.of(next);
        if (before.clusterIp() && after.clusterIp()) {
            if (next.text("spec.clusterIP").isEmpty()) {
                next.keep("spec.clusterIP", old);
            }
            if (next.at("spec.clusterIPs").isEmpty()
                    && next.text("spec.clusterIP").equals(old.text("spec.clusterIP"))) {
                next.keep("spec.clusterIPs", old);
            }
        }
        if (before.nodePorts() && after.nodePorts()) {
            keepNodePorts(next, old);
        }
        if (before.healthCheck() && after.healthCheck() && next.number("spec.healthCheckNodePort", 0) == 0) {
            next.keep("spec.healthCheckNodePort", old);
        }
        dropWhatTheTypeHadOnly(next, old, before, after);
    }

    /** The first address and the list of addresses say the same; the one that changed wins. */
    private static void normalizeAddresses(Document next, Document old) {
        boolean sameList = Values.same(next.at("spec.clusterIPs"), old.at("spec.clusterIPs"));
        String address = next.text("spec.clusterIP");
        String before = old.text("spec.clusterIP");
        if (!before.isEmpty() && address.isEmpty() && sameList) {
            next.remove("spec.clusterIPs");
        }
        if (!old.at("spec.clusterIPs").isEmpty() && next.at("spec.clusterIPs").isEmpty() && address.equals(before)) {
            next.remove("spec.clusterIP");
        }
        if (!address.isEmpty() && !address.equals(before) && sameList) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode().add(address);
            JsonNode more = next.at("spec.clusterIPs");
            for (int i = 1; i < more.size(); i++) {
                list.add(more.get(i));
            }
            next.set("spec.clusterIPs", list);
        }
    }

    private static void keepNodePorts(Document next, Document old) {
        Set<Integer> used = new HashSet<>();
        next.items("spec.ports").forEach(port -> used.add(port.path("nodePort").asInt(0)));
        for (JsonNode port : next.items("spec.ports")) {
            if (port.path("nodePort").asInt(0) != 0) {
                continue;
            }
            for (JsonNode before : old.items("spec.ports")) {
                int nodePort = before.path("nodePort").asInt(0);
                if (before.path("port").equals(port.path("port"))
                        && before.path("protocol").equals(port.path("protocol"))
                        && nodePort != 0
                        && used.add(nodePort)) {
                    ((ObjectNode) port).put("nodePort", nodePort);
                }
            }
        }
    }

    private static void dropWhatTheTypeHadOnly(Document next, Document old, ServiceShape before, ServiceShape after) {
        if (before.clusterIp() && !after.clusterIp()) {
            if (Values.same(next.at("spec.clusterIPs"), old.at("spec.clusterIPs"))
                    || next.at("spec.clusterIPs").isEmpty()) {
                next.remove("spec.clusterIP");
                next.remove("spec.clusterIPs");
            }
            for (String field : List.of("spec.ipFamilies", "spec.ipFamilyPolicy")) {
                if (next.same(field, old)) {
                    next.remove(field);
                }
            }
        }
        if (before.nodePorts() && !after.nodePorts()) {
            for (JsonNode port : next.items("spec.ports")) {
                boolean had = old.items("spec.ports").stream()
                        .anyMatch(earlier -> earlier.path("nodePort").equals(port.path("nodePort")));
                if (had) {
                    ((ObjectNode) port).remove("nodePort");
                }
            }
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
