package io.quarterdeck.proxy.rules;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the node does with traffic for one port of one Service. Addresses may be of both families; each family sees its
 * own. Immutable.
 *
 * @param clusterAddresses addresses inside the cluster
 * @param externalAddresses external IPs and load balancer addresses
 * @param nodePort 0 when there is none
 * @param internal where traffic to the cluster addresses goes
 * @param external where traffic from outside goes
 * @param affinitySeconds how long a client stays with its endpoint; empty without session affinity
 */
public record ServiceRule(
        ServicePortName name,
        List<String> clusterAddresses,
        List<String> externalAddresses,
        int port,
        int nodePort,
        Destinations internal,
        Destinations external,
        OptionalInt affinitySeconds) {

    public ServiceRule {
        clusterAddresses = List.copyOf(clusterAddresses);
        externalAddresses = List.copyOf(externalAddresses);
    }

    /**
     * Endpoints under a traffic policy.
     *
     * @param localOnly whether only this node's endpoints serve, so that the client's address can be kept
     * @param whenEmpty what happens when there is no endpoint: refused when the Service has none at all, dropped when
     *     only this node has none
     */
    public record Destinations(List<Endpoint> endpoints, boolean localOnly, Optional<Refusal> whenEmpty) {
        public Destinations {
            endpoints = endpoints.stream().sorted().distinct().toList();
        }
    }

    /** How traffic is turned away. */
    public enum Refusal {
        REJECT,
        DROP
    }
}
