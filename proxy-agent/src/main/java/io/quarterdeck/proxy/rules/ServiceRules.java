package io.quarterdeck.proxy.rules;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * From a Service and its endpoint slices to rules. Pure.
 *
 * <p>Source: Kubernetes documentation, "Virtual IPs and Service Proxies"; KEP-1669 (terminating endpoints).
 */
public final class ServiceRules {

    private static final int DEFAULT_AFFINITY_SECONDS = 10800;

    private final String nodeName;

    public ServiceRules(String nodeName) {
        this.nodeName = nodeName;
    }

    /** One rule for each port; none for headless Services, ExternalName, and those that another proxy serves. */
    public List<ServiceRule> of(Service service, Collection<EndpointSlice> slices) {
        ServiceSpec spec = service.getSpec();
        if (!isProxied(service)) {
            return List.of();
        }
        List<ServiceRule> rules = new ArrayList<>();
        for (ServicePort port : Objects.requireNonNullElse(spec.getPorts(), List.<ServicePort>of())) {
            rules.add(rule(service, port, slices));
        }
        return rules;
    }

    public static boolean isProxied(Service service) {
        ServiceSpec spec = service.getSpec();
        boolean other = service.getMetadata().getLabels() != null
                && service.getMetadata().getLabels().containsKey("service.kubernetes.io/service-proxy-name");
        return !other && !"ExternalName".equals(spec.getType()) && hasClusterAddress(spec);
    }

    public static boolean hasClusterAddress(ServiceSpec spec) {
        String address = spec.getClusterIP();
        return address != null && !address.isEmpty() && !address.equals("None");
    }

    private ServiceRule rule(Service service, ServicePort port, Collection<EndpointSlice> slices) {
        ServiceSpec spec = service.getSpec();
        String portName = Objects.requireNonNullElse(port.getName(), "");
        List<Candidate> candidates = candidates(portName, Protocol.of(port.getProtocol()), slices);
        List<Endpoint> all = usable(candidates, candidate -> true);
        List<Endpoint> local =
                usable(candidates, candidate -> candidate.endpoint().local());
        return new ServiceRule(
                new ServicePortName(
                        service.getMetadata().getNamespace(),
                        service.getMetadata().getName(),
                        portName,
                        Protocol.of(port.getProtocol())),
                clusterAddresses(spec),
                externalAddresses(service),
                port.getPort(),
                Objects.requireNonNullElse(port.getNodePort(), 0),
                destinations("Local".equals(spec.getInternalTrafficPolicy()), all, local),
                destinations("Local".equals(spec.getExternalTrafficPolicy()), all, local),
                affinity(spec));
    }

    private static ServiceRule.Destinations destinations(boolean localOnly, List<Endpoint> all, List<Endpoint> local) {
        List<Endpoint> chosen = localOnly ? local : all;
        Optional<ServiceRule.Refusal> refusal = !chosen.isEmpty()
                ? Optional.empty()
                : Optional.of(all.isEmpty() ? ServiceRule.Refusal.REJECT : ServiceRule.Refusal.DROP);
        return new ServiceRule.Destinations(chosen, localOnly, refusal);
    }

    private record Candidate(Endpoint endpoint, boolean ready, boolean serving) {}

    private List<Candidate> candidates(String portName, Protocol protocol, Collection<EndpointSlice> slices) {
        List<Candidate> candidates = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            if ("FQDN".equals(slice.getAddressType())) {
                continue;
            }
            for (EndpointPort port : Objects.requireNonNullElse(slice.getPorts(), List.<EndpointPort>of())) {
                if (port.getPort() == null
                        || !portName.equals(Objects.requireNonNullElse(port.getName(), ""))
                        || protocol != Protocol.of(port.getProtocol())) {
                    continue;
                }
                for (var endpoint : Objects.requireNonNullElse(
                        slice.getEndpoints(), List.<io.fabric8.kubernetes.api.model.discovery.v1.Endpoint>of())) {
                    if (endpoint.getAddresses().isEmpty()) {
                        continue;
                    }
                    // Consumers take the first address; the others are for people.
                    candidates.add(new Candidate(
                            new Endpoint(
                                    endpoint.getAddresses().getFirst(),
                                    port.getPort(),
                                    nodeName.equals(endpoint.getNodeName())),
                            isReady(endpoint.getConditions()),
                            isServingWhileTerminating(endpoint.getConditions())));
                }
            }
        }
        return candidates;
    }

    /** Ready endpoints; where there is none, those that still serve while they terminate. */
    private static List<Endpoint> usable(List<Candidate> candidates, Predicate<Candidate> among) {
        List<Endpoint> ready = candidates.stream()
                .filter(among)
                .filter(Candidate::ready)
                .map(Candidate::endpoint)
                .toList();
        return !ready.isEmpty()
                ? ready
                : candidates.stream()
                        .filter(among)
                        .filter(Candidate::serving)
                        .map(Candidate::endpoint)
                        .toList();
    }

    /** An unknown readiness counts as ready, as the API's conventions for endpoint slices say. */
    public static boolean isReady(@Nullable EndpointConditions conditions) {
        return conditions == null || !Boolean.FALSE.equals(conditions.getReady());
    }

    private static boolean isServingWhileTerminating(@Nullable EndpointConditions conditions) {
        return conditions != null
                && Boolean.TRUE.equals(conditions.getServing())
                && Boolean.TRUE.equals(conditions.getTerminating());
    }

    private static List<String> clusterAddresses(ServiceSpec spec) {
        List<String> addresses = spec.getClusterIPs();
        return addresses == null || addresses.isEmpty() ? List.of(spec.getClusterIP()) : addresses;
    }

    private static List<String> externalAddresses(Service service) {
        Set<String> addresses =
                new LinkedHashSet<>(Objects.requireNonNullElse(service.getSpec().getExternalIPs(), List.<String>of()));
        if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
            for (LoadBalancerIngress ingress : Objects.requireNonNullElse(
                    service.getStatus().getLoadBalancer().getIngress(), List.<LoadBalancerIngress>of())) {
                if (ingress.getIp() != null && !"Proxy".equals(ingress.getIpMode())) {
                    addresses.add(ingress.getIp());
                }
            }
        }
        return List.copyOf(addresses);
    }

    private static OptionalInt affinity(ServiceSpec spec) {
        if (!"ClientIP".equals(spec.getSessionAffinity())) {
            return OptionalInt.empty();
        }
        var config = spec.getSessionAffinityConfig();
        Integer seconds = config == null || config.getClientIP() == null
                ? null
                : config.getClientIP().getTimeoutSeconds();
        return OptionalInt.of(Objects.requireNonNullElse(seconds, DEFAULT_AFFINITY_SECONDS));
    }
}
