package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Rules about Services. */
final class ServiceRules {

    static final Rules CREATE = Rules.of(ServiceRules::check);
    static final Rules UPDATE = Rules.of(ServiceRules::update, ServiceRules::check);

    private static final String TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
    private static final String BALANCED_ONLY = "may only be used when `type` is 'LoadBalancer'";

    private ServiceRules() {}

    private static void check(Field service) {
        Field spec = service.at("spec");
        ServiceShape shape = ServiceShape.of(service.node());
        Field hints = service.at("metadata.annotations").key(TOPOLOGY_HINTS);
        Field mode = service.at("metadata.annotations").key("service.kubernetes.io/topology-mode");
        if (mode.present() && hints.present() && !mode.is(hints.text())) {
            mode.invalid("must match annotations[%s] when both are specified".formatted(TOPOLOGY_HINTS));
        }
        type(spec, shape);
        ports(spec, shape);
        Labels.check(spec.at("selector"));
        affinity(spec);
        addresses(spec);
        for (Field ip : spec.at("externalIPs").items()) {
            List<String> problems = Addresses.address(ip.text());
            problems.forEach(problem -> ip.invalidValue(ip.text(), problem));
            if (problems.isEmpty()) {
                AddressRules.notSpecial(ip);
            }
        }
        Field type = spec.at("type");
        if (type.require()) {
            type.oneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        }
        portConflicts(spec, shape);
        balancer(service, spec, shape);
        traffic(spec, shape);
    }

    private static void type(Field spec, ServiceShape shape) {
        if (spec.at("ports").empty() && !shape.headless() && !shape.type().equals("ExternalName")) {
            spec.at("ports").required();
        }
        switch (shape.type()) {
            case "LoadBalancer", "NodePort" -> {
                if (shape.headless()) {
                    spec.at("clusterIPs")
                            .index(0)
                            .invalidValue("None", "may not be set to 'None' for %s services".formatted(shape.type()));
                }
            }
            case "ExternalName" -> {
                for (String field : List.of("clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
                    if (!spec.at(field).empty()) {
                        spec.at(field).forbidden("may not be set for ExternalName services");
                    }
                }
                Field name = spec.at("externalName");
                String host = name.text().endsWith(".")
                        ? name.text().substring(0, name.text().length() - 1)
                        : name.text();
                if (host.isEmpty()) {
                    name.required();
                } else {
                    Formats.subdomain(host).forEach(problem -> name.invalidValue(host, problem));
                }
            }
            default -> {}
        }
    }

    private static void ports(Field spec, ServiceShape shape) {
        List<Field> ports = spec.at("ports").items();
        Set<String> names = new HashSet<>();
        for (Field port : ports) {
            Field name = port.at("name");
            if (ports.size() > 1 && name.empty()) {
                name.required();
            } else if (!name.empty()) {
                name.format(Formats::label);
                if (!names.add(name.text())) {
                    name.duplicate();
                }
            }
            Field number = port.at("port");
            Formats.port(number.number()).forEach(problem -> number.invalidValue(number.number(), problem));
            Field protocol = port.at("protocol");
            if (protocol.require()) {
                protocol.oneOf("SCTP", "TCP", "UDP");
            }
            HandlerRules.portOrName(port.at("targetPort"));
            port.at("appProtocol").ifPresent(app -> app.format(Formats::qualifiedName));
        }
    }

    private static void affinity(Field spec) {
        Field affinity = spec.at("sessionAffinity");
        if (affinity.require()) {
            affinity.oneOf("ClientIP", "None");
        }
        Field timeout = spec.at("sessionAffinityConfig.clientIP.timeoutSeconds");
        if (affinity.is("ClientIP") && timeout.isNumber() && (timeout.number() <= 0 || timeout.number() > 86400)) {
            timeout.invalid("must be greater than 0 and less than 86400");
        }
    }

    /** What upstream asks of addresses and families before it settles them, and once more at the end. */
    static void addresses(Field spec) {
        if (spec.at("type").is("ExternalName")) {
            return;
        }
        Field address = spec.at("clusterIP");
        Field addresses = spec.at("clusterIPs");
        if (address.empty()) {
            if (!addresses.empty()) {
                addresses.invalid("must be empty when `clusterIP` is not specified");
            }
        } else if (addresses.empty()) {
            addresses.required();
        } else if (!addresses.index(0).is(address.text())) {
            addresses.invalid("first value must match `clusterIP`");
        }
        families(spec);
        boolean broken = false;
        List<Field> items = addresses.items();
        List<String> before = Values.strings(addresses.old());
        for (int i = 0; i < items.size(); i++) {
            Field item = items.get(i);
            if (i == 0 && item.is("None")) {
                if (items.size() > 1) {
                    broken = true;
                    addresses.invalid("'None' must be the first and only value");
                }
                continue;
            }
            List<String> problems = before.contains(item.text()) ? List.of() : Addresses.address(item.text());
            problems.forEach(problem -> item.invalidValue(item.text(), problem));
            broken |= !problems.isEmpty();
        }
        if (items.size() > 2) {
            addresses.invalid("may only hold up to 2 values");
        }
        if (broken) {
            return;
        }
        if (items.size() > 1) {
            long v6 = items.stream().filter(item -> item.text().contains(":")).count();
            if (v6 != 1 || items.size() != 2) {
                addresses.invalid("may specify no more than one IP for each IP family");
            }
        }
        if (isHeadless(addresses.node())) {
            return;
        }
        List<String> families = spec.at("ipFamilies").texts();
        for (int i = 0; i < items.size() && i < families.size(); i++) {
            boolean v6 = items.get(i).text().contains(":");
            if (families.get(i).equals(v6 ? "IPv4" : "IPv6")) {
                items.get(i)
                        .invalid("expected an %s value as indicated by `ipFamilies[%d]`".formatted(families.get(i), i));
            }
        }
    }

    private static boolean isHeadless(JsonNode addresses) {
        return addresses.size() == 1 && addresses.get(0).asString("").equals("None");
    }

    private static void families(Field spec) {
        Set<String> seen = new HashSet<>();
        for (Field family : spec.at("ipFamilies").items()) {
            family.oneOf("IPv4", "IPv6");
            if (!seen.add(family.text())) {
                family.duplicate();
            }
        }
        Field policy = spec.at("ipFamilyPolicy");
        if (policy.present()) {
            policy.oneOf("PreferDualStack", "RequireDualStack", "SingleStack");
        }
    }

    private static void portConflicts(Field spec, ServiceShape shape) {
        if (shape.type().equals("ClusterIP")) {
            for (Field port : spec.at("ports").items()) {
                if (port.at("nodePort").number() != 0) {
                    port.at("nodePort").forbidden("may not be used when `type` is 'ClusterIP'");
                }
            }
        }
        Set<String> nodePorts = new HashSet<>();
        for (Field port : spec.at("ports").items()) {
            Field nodePort = port.at("nodePort");
            if (nodePort.number() != 0 && !nodePorts.add(port.at("protocol").text() + nodePort.number())) {
                nodePort.duplicate();
            }
        }
        Set<String> ports = new HashSet<>();
        for (Field port : spec.at("ports").items()) {
            String protocol = port.at("protocol").text();
            long number = port.at("port").number();
            if (!ports.add(protocol + number)) {
                port.duplicateValue(new Values.Raw(
                        "{\"Name\":\"\",\"Protocol\":%s,\"AppProtocol\":null,\"Port\":%d,\"TargetPort\":0,\"NodePort\":0}"
                                .formatted(GoQuote.quote(protocol), number)));
            }
        }
    }

    private static void balancer(Field service, Field spec, ServiceShape shape) {
        boolean balanced = shape.type().equals("LoadBalancer");
        Field ranges = spec.at("loadBalancerSourceRanges").as(spec.path() + ".LoadBalancerSourceRanges");
        Field annotation =
                service.at("metadata.annotations").key("service.beta.kubernetes.io/load-balancer-source-ranges");
        if (!ranges.empty()) {
            if (!balanced) {
                ranges.forbidden(BALANCED_ONLY);
            }
            for (Field range : ranges.items()) {
                String block = range.text().strip();
                Addresses.block(block).forEach(problem -> range.invalidValue(block, problem));
            }
        } else if (annotation.present()) {
            if (!balanced) {
                annotation.forbidden(BALANCED_ONLY);
            }
            for (String part : annotation.text().strip().split(",")) {
                String block = part.strip();
                if (!block.isEmpty()) {
                    Addresses.block(block).forEach(problem -> annotation.invalidValue(block, problem));
                }
            }
        }
        Field allocate = spec.at("allocateLoadBalancerNodePorts");
        if (allocate.present() && !balanced) {
            allocate.forbidden(BALANCED_ONLY);
        }
        balancerClass(spec.at("loadBalancerClass"), shape);
    }

    private static void balancerClass(Field chosen, ServiceShape shape) {
        if (!chosen.present()) {
            return;
        }
        if (shape.type().equals("LoadBalancer")) {
            chosen.format(Formats::qualifiedName);
        } else {
            chosen.forbidden(BALANCED_ONLY);
        }
    }

    private static void traffic(Field spec, ServiceShape shape) {
        Field external = spec.at("externalTrafficPolicy");
        if (!shape.external()) {
            if (!external.empty()) {
                external.invalid("may only be set for externally-accessible services");
            }
        } else if (external.require()) {
            external.oneOf("Cluster", "Local");
        }
        Field health = spec.at("healthCheckNodePort");
        if (!shape.healthCheck()) {
            if (health.number() != 0) {
                health.invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
        } else if (health.number() != 0) {
            health.invalid(Formats.port(health.number()));
        }
        Field internal = spec.at("internalTrafficPolicy");
        if (internal.present()) {
            internal.oneOf("Cluster", "Local");
        } else if (shape.clusterIp()) {
            internal.required();
        }
        spec.at("trafficDistribution")
                .ifPresent(value -> value.oneOf("PreferClose", "PreferSameZone", "PreferSameNode"));
    }

    private static void update(Field service) {
        Field spec = service.at("spec");
        boolean wasNamed = spec.at("type").old().asString("").equals("ExternalName");
        boolean isNamed = spec.at("type").is("ExternalName");
        if (!wasNamed && !isNamed) {
            Field addresses = spec.at("clusterIPs");
            boolean wasHeadless = isHeadless(addresses.old());
            boolean isHeadless = isHeadless(addresses.node());
            if (!wasHeadless || !isHeadless) {
                unchanged(addresses, "clusterIP", spec.at("ipFamilyPolicy"));
            }
            if (!wasHeadless && !isHeadless) {
                unchanged(spec.at("ipFamilies"), "ipFamily", spec.at("ipFamilyPolicy"));
            }
        }
        Field chosen = spec.at("loadBalancerClass");
        if (spec.at("type").old().asString("").equals("LoadBalancer")
                && spec.at("type").is("LoadBalancer")
                && chosen.changed()) {
            chosen.invalid("may not change once set");
        }
        balancerClass(chosen, ServiceShape.of(service.node()));
        Field health = spec.at("healthCheckNodePort");
        if (health.old().asInt(0) != 0
                && ServiceShape.of(service.node()).healthCheck()
                && health.number() != health.old().asInt(0)) {
            health.forbidden("field is immutable");
        }
    }

    /** A second address or family may come and go, the first one stays. */
    private static void unchanged(Field list, String what, Field policy) {
        JsonNode old = list.old();
        JsonNode next = list.node();
        boolean same = old.size() == next.size();
        for (int i = 0; i < (same ? old.size() : Math.min(1, Math.min(old.size(), next.size()))); i++) {
            if (!old.get(i).equals(next.get(i))) {
                list.index(what.equals("ipFamily") ? 0 : i).invalidValue(next, "may not change once set");
            }
        }
        if (old.size() > next.size()) {
            if (next.isEmpty()) {
                list.index(0).invalidValue(next, "primary %s can not be unset".formatted(what));
            } else if (next.size() == 1 && !policy.is("SingleStack")) {
                policy.invalid("must be set to 'SingleStack' when releasing the secondary " + what);
            }
        }
    }

    static void status(Field service) {
        balancerStatus(
                service.at("status.loadBalancer"),
                service.at("spec.type").is("LoadBalancer"),
                "may only be used when `spec.type` is 'LoadBalancer'");
    }

    private static void balancerStatus(Field balancer, boolean allowed, String refusal) {
        Field points = balancer.at("ingress");
        if (!allowed && !points.empty()) {
            points.forbidden(refusal);
            return;
        }
        for (Field point : points.items()) {
            Field ip = point.at("ip");
            if (!ip.empty()) {
                ip.format(Addresses::address);
            }
            Field mode = point.at("ipMode");
            if (mode.present()) {
                if (ip.empty()) {
                    mode.forbidden("may not be specified when `ip` is not set");
                } else {
                    mode.oneOf("Proxy", "VIP");
                }
            } else if (!ip.empty()) {
                mode.required("must be specified when `ip` is set");
            }
            Field hostname = point.at("hostname");
            if (!hostname.empty()) {
                hostname.format(Formats::subdomain);
                if (Addresses.parse(hostname.text()) != null) {
                    hostname.invalid("must be a DNS name, not an IP address");
                }
            }
        }
    }
}
