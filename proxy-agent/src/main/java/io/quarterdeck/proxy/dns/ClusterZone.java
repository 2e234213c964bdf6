package io.quarterdeck.proxy.dns;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.proxy.rules.Family;
import io.quarterdeck.proxy.rules.Protocol;
import io.quarterdeck.proxy.rules.ServiceRules;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * The cluster's names. Pure: reads the directory, keeps nothing. Thread-safe.
 *
 * <p>Source: "Kubernetes DNS-Based Service Discovery" 1.1.0.
 */
final class ClusterZone {

    private static final int PRIORITY = 0;
    private static final int WEIGHT = 100;

    private final Name origin;
    private final long ttl;
    private final ServiceDirectory directory;

    ClusterZone(String domain, Duration ttl, ServiceDirectory directory) {
        this.origin = name(domain.endsWith(".") ? domain : domain + ".");
        this.ttl = ttl.toSeconds();
        this.directory = directory;
    }

    /** Empty when the name is not ours to answer. */
    Optional<DnsAnswer> answer(Name question, int type) {
        if (question.subdomain(origin)) {
            return Optional.of(inZone(question, type));
        }
        return reverse(question, type);
    }

    /** What a negative answer carries, so that it may be kept. */
    SOARecord authority() {
        return new SOARecord(
                origin,
                DClass.IN,
                ttl,
                name("ns.dns." + origin),
                name("hostmaster." + origin),
                1,
                7200,
                1800,
                86400,
                ttl);
    }

    private DnsAnswer inZone(Name question, int type) {
        List<String> labels = labelsBelowOrigin(question);
        if (labels.isEmpty()) {
            return found(type == Type.SOA ? List.of(authority()) : List.of());
        }
        if (labels.equals(List.of("dns-version"))) {
            return found(type == Type.TXT ? List.of(new TXTRecord(question, DClass.IN, ttl, "1.1.0")) : List.of());
        }
        String kind = labels.getLast();
        List<String> rest = labels.subList(0, labels.size() - 1);
        return switch (kind) {
            case "svc" -> service(question, type, rest);
            case "pod" -> pod(question, type, rest);
            default -> notFound();
        };
    }

    private DnsAnswer service(Name question, int type, List<String> labels) {
        if (labels.size() < 2) {
            boolean exists = labels.isEmpty()
                    || directory.services().stream()
                            .anyMatch(service ->
                                    service.getMetadata().getNamespace().equals(labels.getFirst()));
            return exists ? found(List.of()) : notFound();
        }
        String namespace = labels.getLast();
        String serviceName = labels.get(labels.size() - 2);
        List<String> prefix = labels.subList(0, labels.size() - 2);
        Optional<Service> service = directory.service(new ObjectKey(namespace, serviceName));
        if (service.isEmpty()) {
            return notFound();
        }
        return switch (prefix.size()) {
            case 0 -> wholeService(question, type, service.get());
            case 1 -> endpoint(question, type, service.get(), prefix.getFirst());
            case 2 -> port(question, type, service.get(), prefix.get(0), prefix.get(1));
            default -> notFound();
        };
    }

    private DnsAnswer wholeService(Name question, int type, Service service) {
        if ("ExternalName".equals(service.getSpec().getType())) {
            Name target = name(service.getSpec().getExternalName() + ".");
            return found(List.of(new CNAMERecord(question, DClass.IN, ttl, target)));
        }
        if (ServiceRules.hasClusterAddress(service.getSpec())) {
            if (type == Type.SRV) {
                return services(question, service, null, null);
            }
            return found(addresses(question, type, clusterAddresses(service)));
        }
        List<Target> targets = targets(service);
        if (targets.isEmpty()) {
            return notFound();
        }
        if (type == Type.SRV) {
            return services(question, service, null, null);
        }
        return found(
                addresses(question, type, targets.stream().map(Target::address).toList()));
    }

    private DnsAnswer endpoint(Name question, int type, Service service, String label) {
        List<String> matching = targets(service).stream()
                .filter(target -> target.label().equals(label))
                .map(Target::address)
                .toList();
        return matching.isEmpty() ? notFound() : found(addresses(question, type, matching));
    }

    private DnsAnswer port(Name question, int type, Service service, String port, String protocol) {
        if (!port.startsWith("_") || !protocol.startsWith("_")) {
            return notFound();
        }
        DnsAnswer answer = services(question, service, port.substring(1), protocol.substring(1));
        return type == Type.SRV || answer.code() != Rcode.NOERROR ? answer : found(List.of());
    }

    /** SRV records of the ports that match; null matches all. */
    private DnsAnswer services(Name question, Service service, @Nullable String port, @Nullable String protocol) {
        // Pods may share a host name; a set of records holds each once (RFC 2181).
        Set<Record> answers = new LinkedHashSet<>();
        Set<Record> additional = new LinkedHashSet<>();
        Name own = serviceName(service);
        if (ServiceRules.hasClusterAddress(service.getSpec())) {
            for (ServicePort offered :
                    Objects.requireNonNullElse(service.getSpec().getPorts(), List.<ServicePort>of())) {
                if (matches(offered.getName(), offered.getProtocol(), port, protocol)) {
                    answers.add(new SRVRecord(question, DClass.IN, ttl, PRIORITY, WEIGHT, offered.getPort(), own));
                }
            }
            if (!answers.isEmpty()) {
                clusterAddresses(service).forEach(address -> additional.add(address(own, address)));
            }
        } else {
            for (Target target : targets(service)) {
                Name name = name(target.label() + "." + own);
                for (EndpointPort offered : target.ports()) {
                    if (offered.getPort() != null
                            && matches(offered.getName(), offered.getProtocol(), port, protocol)) {
                        answers.add(new SRVRecord(question, DClass.IN, ttl, PRIORITY, WEIGHT, offered.getPort(), name));
                        additional.add(address(name, target.address()));
                    }
                }
            }
        }
        return answers.isEmpty()
                ? notFound()
                : new DnsAnswer(Rcode.NOERROR, List.copyOf(answers), List.copyOf(additional));
    }

    private static boolean matches(
            @Nullable String name,
            @Nullable String protocol,
            @Nullable String wantedName,
            @Nullable String wantedProtocol) {
        return (wantedName == null || wantedName.equalsIgnoreCase(Objects.requireNonNullElse(name, "")))
                && (wantedProtocol == null
                        || wantedProtocol.equalsIgnoreCase(Protocol.of(protocol).lowerCase()));
    }

    /** Any address under a pod's name answers with itself, as long as it is written right; the pod is not looked up. */
    private DnsAnswer pod(Name question, int type, List<String> labels) {
        if (labels.size() != 2) {
            return labels.size() < 2 ? found(List.of()) : notFound();
        }
        String written = labels.getFirst();
        String address = written.chars().filter(c -> c == '-').count() == 3 && !written.contains("--")
                ? written.replace('-', '.')
                : written.replace('-', ':');
        boolean legal = address.matches("(\\d{1,3}\\.){3}\\d{1,3}") || (address.contains(":") && isAddress(address));
        return legal && isAddress(address) ? found(addresses(question, type, List.of(address))) : notFound();
    }

    private Optional<DnsAnswer> reverse(Name question, int type) {
        String text = question.toString(true).toLowerCase(Locale.ROOT);
        if (!text.endsWith(".in-addr.arpa") && !text.endsWith(".ip6.arpa")) {
            return Optional.empty();
        }
        String address;
        try {
            address = ReverseMap.fromName(question).getHostAddress();
        } catch (UnknownHostException notAnAddress) {
            return Optional.empty();
        }
        List<Name> names = new ArrayList<>();
        for (Service service : directory.services()) {
            if (ServiceRules.hasClusterAddress(service.getSpec())) {
                if (clusterAddresses(service).stream().anyMatch(own -> sameAddress(own, address))) {
                    names.add(serviceName(service));
                }
            } else if (!"ExternalName".equals(service.getSpec().getType())) {
                targets(service).stream()
                        .filter(target -> target.named() && sameAddress(target.address(), address))
                        .forEach(target -> names.add(name(target.label() + "." + serviceName(service))));
            }
        }
        if (names.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(found(
                type == Type.PTR
                        ? names.stream()
                                .<Record>map(target -> new PTRRecord(question, DClass.IN, ttl, target))
                                .toList()
                        : List.of()));
    }

    /** One address of a Service's endpoints. {@code named} says that the pod has a host name of its own. */
    private record Target(String label, boolean named, String address, List<EndpointPort> ports) {}

    private List<Target> targets(Service service) {
        Collection<EndpointSlice> slices = directory.slices(new ObjectKey(
                service.getMetadata().getNamespace(), service.getMetadata().getName()));
        List<Target> targets = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            for (Endpoint endpoint : Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of())) {
                if (!ServiceRules.isReady(endpoint.getConditions())) {
                    continue;
                }
                for (String address : endpoint.getAddresses()) {
                    boolean named = endpoint.getHostname() != null
                            && !endpoint.getHostname().isEmpty();
                    targets.add(new Target(
                            named
                                    ? endpoint.getHostname()
                                    : address.replace('.', '-').replace(':', '-'),
                            named,
                            address,
                            Objects.requireNonNullElse(slice.getPorts(), List.of())));
                }
            }
        }
        return targets;
    }

    private static List<String> clusterAddresses(Service service) {
        List<String> addresses = service.getSpec().getClusterIPs();
        return addresses == null || addresses.isEmpty()
                ? List.of(service.getSpec().getClusterIP())
                : addresses;
    }

    private List<Record> addresses(Name owner, int type, List<String> addresses) {
        return addresses.stream()
                .distinct()
                .filter(address -> switch (Family.of(address)) {
                    case IPV4 -> type == Type.A || type == Type.ANY;
                    case IPV6 -> type == Type.AAAA || type == Type.ANY;
                })
                .map(address -> address(owner, address))
                .toList();
    }

    private Record address(Name owner, String address) {
        InetAddress parsed = literal(address);
        return switch (Family.of(address)) {
            case IPV4 -> new ARecord(owner, DClass.IN, ttl, parsed);
            case IPV6 -> new AAAARecord(owner, DClass.IN, ttl, parsed);
        };
    }

    private Name serviceName(Service service) {
        return name("%s.%s.svc.%s"
                .formatted(
                        service.getMetadata().getName(), service.getMetadata().getNamespace(), origin));
    }

    private List<String> labelsBelowOrigin(Name question) {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < question.labels() - origin.labels(); i++) {
            labels.add(question.getLabelString(i).toLowerCase(Locale.ROOT));
        }
        return labels;
    }

    private static DnsAnswer found(List<? extends Record> answers) {
        return new DnsAnswer(Rcode.NOERROR, List.copyOf(answers), List.of());
    }

    private static DnsAnswer notFound() {
        return new DnsAnswer(Rcode.NXDOMAIN, List.of(), List.of());
    }

    private static boolean sameAddress(String one, String other) {
        return literal(one).equals(literal(other));
    }

    private static boolean isAddress(String text) {
        try {
            InetAddress.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }

    private static InetAddress literal(String address) {
        return InetAddress.ofLiteral(address);
    }

    private static Name name(String text) {
        try {
            return Name.fromString(text);
        } catch (TextParseException illegal) {
            throw new IllegalArgumentException("not a DNS name: " + text, illegal);
        }
    }
}
