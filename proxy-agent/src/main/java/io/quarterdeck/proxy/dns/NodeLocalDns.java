package io.quarterdeck.proxy.dns;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.proxy.rules.Endpoint;
import io.quarterdeck.proxy.rules.ServiceRule;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Cluster DNS on a link-local address of this node. The DNS Service's address leads here as long as that Service has no
 * endpoints of its own, so a DNS deployment in the cluster takes over by merely existing.
 */
public final class NodeLocalDns implements AutoCloseable {

    private final DnsSettings properties;
    private final LoopbackAddress address;
    private final DnsServer server;

    private NodeLocalDns(DnsSettings properties, LoopbackAddress address, DnsServer server) {
        this.properties = properties;
        this.address = address;
        this.server = server;
    }

    /** @throws IOException in plain words when the address or port is not to be had */
    public static NodeLocalDns start(DnsSettings properties, ServiceDirectory directory, MeterRegistry registry)
            throws IOException {
        InetAddress listen = InetAddress.ofLiteral(properties.listenAddress());
        LoopbackAddress address = LoopbackAddress.add(properties.listenAddress());
        try {
            DnsResponder responder = new DnsResponder(
                    new ClusterZone(properties.domain(), properties.ttl(), directory),
                    Upstream.fromResolvConf(properties.resolvConf(), listen));
            return new NodeLocalDns(properties, address, new DnsServer(listen, properties.port(), responder, registry));
        } catch (IOException failed) {
            address.close();
            throw failed;
        }
    }

    /** The DNS Service's rule leads to this node while it has no endpoints; all others stay as they are. */
    public ServiceRule serve(ServiceRule rule) {
        boolean dns = properties
                .service()
                .equals(rule.name().namespace() + "/" + rule.name().service());
        if (!dns || rule.port() != 53 || !rule.internal().endpoints().isEmpty()) {
            return rule;
        }
        ServiceRule.Destinations here = new ServiceRule.Destinations(
                List.of(new Endpoint(properties.listenAddress(), properties.port(), true)), false, Optional.empty());
        return new ServiceRule(
                rule.name(),
                rule.clusterAddresses(),
                rule.externalAddresses(),
                rule.port(),
                rule.nodePort(),
                here,
                here,
                rule.affinitySeconds());
    }

    @Override
    public void close() {
        server.close();
        address.close();
    }
}
