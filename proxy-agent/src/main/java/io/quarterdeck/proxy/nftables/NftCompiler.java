package io.quarterdeck.proxy.nftables;

import io.quarterdeck.proxy.rules.Endpoint;
import io.quarterdeck.proxy.rules.Family;
import io.quarterdeck.proxy.rules.ServiceRule;
import io.quarterdeck.proxy.rules.ServiceRule.Destinations;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Turns one Service's rule into its part of the table. Pure.
 *
 * <p>The packet's way: the frame's {@code services} chain looks the destination up in a map, which sends it to the
 * Service's chain; that one draws an endpoint at random and rewrites the destination. Cost follows the change: a changed
 * endpoint rewrites one chain, whatever the number of Services.
 */
final class NftCompiler {

    static final String SERVICE_IPS = "service-ips";
    static final String SERVICE_NODE_PORTS = "service-nodeports";
    static final String NO_ENDPOINT_SERVICES = "no-endpoint-services";
    static final String NO_ENDPOINT_NODE_PORTS = "no-endpoint-nodeports";
    static final String CLUSTER_IPS = "cluster-ips";
    static final String HAIRPIN = "hairpin-endpoints";

    private static final int LONGEST_NAME = 120;

    private final Family family;
    private final String ip;
    private final List<String> podRanges;

    /** @param podRanges where pods live, of any family; traffic from elsewhere to a cluster address is masqueraded */
    NftCompiler(Family family, List<String> podRanges) {
        this.family = family;
        this.ip = family == Family.IPV4 ? "ip" : "ip6";
        this.podRanges =
                podRanges.stream().filter(range -> Family.of(range) == family).toList();
    }

    NftProgram compile(ServiceRule rule) {
        NftProgram.Builder program = new NftProgram.Builder();
        List<String> clusterAddresses = ofFamily(rule.clusterAddresses());
        if (clusterAddresses.isEmpty()) {
            return NftProgram.EMPTY;
        }
        Destinations internal = ofFamily(rule.internal());
        Destinations external = ofFamily(rule.external());
        String protocol = rule.name().protocol().lowerCase();
        String portKey = " . " + protocol + " . " + rule.port();

        for (String address : clusterAddresses) {
            program.element(CLUSTER_IPS, address, "");
            if (internal.endpoints().isEmpty()) {
                refuse(program, NO_ENDPOINT_SERVICES, address + portKey, internal);
            } else {
                program.element(SERVICE_IPS, address + portKey, "goto " + chain("service", rule));
            }
        }
        if (!internal.endpoints().isEmpty()) {
            List<String> rules = new ArrayList<>();
            if (!podRanges.isEmpty()) {
                for (String address : clusterAddresses) {
                    rules.add("%s daddr %s %s dport %d %s saddr != { %s } jump mark-for-masquerade"
                            .formatted(ip, address, protocol, rule.port(), ip, String.join(", ", podRanges)));
                }
            }
            rules.addAll(distribute(program, rule, internal.endpoints(), "endpoint"));
            program.chain(chain("service", rule), rules);
        }
        compileExternal(program, rule, internal, external, portKey);
        for (Endpoint endpoint : internal.endpoints()) {
            program.element(HAIRPIN, endpoint.address() + " . " + endpoint.address(), "");
        }
        for (Endpoint endpoint : external.endpoints()) {
            program.element(HAIRPIN, endpoint.address() + " . " + endpoint.address(), "");
        }
        return program.build();
    }

    private void compileExternal(
            NftProgram.Builder program,
            ServiceRule rule,
            Destinations internal,
            Destinations external,
            String portKey) {
        List<String> externalAddresses = ofFamily(rule.externalAddresses());
        if (externalAddresses.isEmpty() && rule.nodePort() == 0) {
            return;
        }
        String nodePortKey = rule.name().protocol().lowerCase() + " . " + rule.nodePort();
        if (external.endpoints().isEmpty()) {
            externalAddresses.forEach(address -> refuse(program, NO_ENDPOINT_SERVICES, address + portKey, external));
            if (rule.nodePort() != 0) {
                refuse(program, NO_ENDPOINT_NODE_PORTS, nodePortKey, external);
            }
            return;
        }
        String target = "goto " + chain("external", rule);
        externalAddresses.forEach(address -> program.element(SERVICE_IPS, address + portKey, target));
        if (rule.nodePort() != 0) {
            program.element(SERVICE_NODE_PORTS, nodePortKey, target);
        }
        List<String> rules = new ArrayList<>();
        if (external.localOnly()) {
            // From pods and from the node itself the policy does not apply: any endpoint may answer.
            if (!internal.localOnly() && !internal.endpoints().isEmpty()) {
                for (String range : podRanges) {
                    rules.add("%s saddr %s goto %s".formatted(ip, range, chain("service", rule)));
                }
                rules.add("fib saddr type local jump mark-for-masquerade");
                rules.add("fib saddr type local goto " + chain("service", rule));
            }
            rules.addAll(distribute(program, rule, external.endpoints(), "local-endpoint"));
        } else {
            // The answer has to come back this way: the endpoint must see the node as the client.
            rules.add("jump mark-for-masquerade");
            if (internal.endpoints().equals(external.endpoints())) {
                rules.add("goto " + chain("service", rule));
            } else {
                rules.addAll(distribute(program, rule, external.endpoints(), "external-endpoint"));
            }
        }
        program.chain(chain("external", rule), rules);
    }

    private static void refuse(NftProgram.Builder program, String map, String key, Destinations destinations) {
        program.element(
                map,
                key,
                destinations.whenEmpty().orElse(ServiceRule.Refusal.REJECT) == ServiceRule.Refusal.DROP
                        ? "drop"
                        : "goto reject-chain");
    }

    private List<String> distribute(
            NftProgram.Builder program, ServiceRule rule, List<Endpoint> endpoints, String kind) {
        String protocol = rule.name().protocol().lowerCase();
        if (rule.affinitySeconds().isEmpty()) {
            return List.of("meta l4proto %s dnat %s to numgen random mod %d map { %s }"
                    .formatted(protocol, ip, endpoints.size(), numbered(endpoints)));
        }
        List<String> rules = new ArrayList<>();
        List<String> targets = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            String key = endpoint.address() + ":" + endpoint.port();
            int seconds = rule.affinitySeconds().getAsInt();
            // A set keeps the timeout that it was made with, so another timeout is another set.
            String set = name("affinity" + seconds, rule, key);
            String chain = name(kind, rule, key);
            program.set(
                    set,
                    "type %s; flags dynamic,timeout; timeout %ds;"
                            .formatted(family == Family.IPV4 ? "ipv4_addr" : "ipv6_addr", seconds));
            program.chain(
                    chain,
                    List.of(
                            "update @%s { %s saddr }".formatted(set, ip),
                            "meta l4proto %s dnat %s to %s".formatted(protocol, ip, destination(endpoint))));
            rules.add("%s saddr @%s goto %s".formatted(ip, set, chain));
            targets.add(targets.size() + " : goto " + chain);
        }
        rules.add("numgen random mod %d vmap { %s }".formatted(endpoints.size(), String.join(", ", targets)));
        return rules;
    }

    private static String numbered(List<Endpoint> endpoints) {
        StringBuilder map = new StringBuilder();
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint endpoint = endpoints.get(i);
            map.append(i == 0 ? "" : ", ")
                    .append(i)
                    .append(" : ")
                    .append(endpoint.address())
                    .append(" . ")
                    .append(endpoint.port());
        }
        return map.toString();
    }

    private String destination(Endpoint endpoint) {
        return (family == Family.IPV4 ? endpoint.address() : "[" + endpoint.address() + "]") + ":" + endpoint.port();
    }

    private List<String> ofFamily(List<String> addresses) {
        return addresses.stream()
                .filter(address -> Family.of(address) == family)
                .toList();
    }

    private Destinations ofFamily(Destinations destinations) {
        List<Endpoint> own = destinations.endpoints().stream()
                .filter(endpoint -> Family.of(endpoint.address()) == family)
                .toList();
        return new Destinations(own, destinations.localOnly(), destinations.whenEmpty());
    }

    private static String chain(String kind, ServiceRule rule) {
        return name(kind, rule, "");
    }

    /** Unique by its hash, readable for people, and within what the kernel takes as a name. */
    private static String name(String kind, ServiceRule rule, String endpoint) {
        String readable = rule.name() + (endpoint.isEmpty() ? "" : "__" + endpoint.replace(':', '/'));
        String name = kind + "-" + hash(readable) + "-" + readable;
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest)
                    .replaceAll("[^A-Za-z0-9]", "")
                    .substring(0, 8)
                    .toUpperCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
