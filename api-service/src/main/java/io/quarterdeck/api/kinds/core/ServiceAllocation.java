package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindPart;
import io.quarterdeck.api.kinds.core.NodePortOperation.Draw;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Addresses.Block;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/**
 * The addresses and node ports of Services. Each is an object of its own, created where none may be in the Service's own
 * transaction, so that nothing is ever given twice, also after a crash. Thread-safe.
 */
@Component
class ServiceAllocation implements KindPart {

    static final GroupResource ADDRESSES = new GroupResource("networking.k8s.io", "ipaddresses");
    /** Keys that no route serves: a port is taken while its key is there. */
    static final GroupResource NODE_PORTS = new GroupResource("quarterdeck.io", "nodeports");

    private static final GroupVersionKind ADDRESS = new GroupVersionKind("networking.k8s.io", "v1", "IPAddress");
    private static final int DRAWS = 64;

    private final Block range;
    private final ServiceNetwork network;
    private final ObjectProvider<WatchCache> cache;
    private final ObjectProvider<ObjectCodec> codec;
    private final ObjectProvider<HeaderReader> headers;
    private final ObjectProvider<RandomGenerator> random;

    ServiceAllocation(
            ServiceNetwork network,
            ObjectProvider<WatchCache> cache,
            ObjectProvider<ObjectCodec> codec,
            ObjectProvider<HeaderReader> headers,
            ObjectProvider<RandomGenerator> random) {
        this.range = Objects.requireNonNull(
                Addresses.parseBlock(network.range()), "quarterdeck.services.range is no CIDR block");
        this.network = network;
        this.cache = cache;
        this.codec = codec;
        this.headers = headers;
        this.random = random;
    }

    ServiceFamilies families() {
        return new ServiceFamilies(range.address().v4() ? "IPv4" : "IPv6");
    }

    /** What a dry run shows: the block's own address, since nothing is taken. */
    void preview(Document service) {
        ServiceShape shape = ServiceShape.of(service);
        if (shape.clusterIp()
                && !shape.headless()
                && service.text("spec.clusterIP").isEmpty()) {
            setAddress(service, range.at(BigInteger.ZERO).canonical());
        }
    }

    /** An address needs a Service by name to belong to; upstream finds that out before it looks at the name itself. */
    void requireOwner(Document service) {
        ServiceShape shape = ServiceShape.of(service);
        if (service.name().isEmpty() && shape.clusterIp() && !shape.headless()) {
            String chosen = service.text("spec.clusterIP");
            throw refused(
                    service,
                    "spec.clusterIPs",
                    List.of(chosen),
                    "failed to allocate IP: IPAddress.networking.k8s.io \"%s\" is invalid: spec.parentRef.name: Required value"
                            .formatted(chosen.isEmpty() ? drawAddress(service) : chosen));
        }
    }

    /**
     * What the author chose must be free; upstream finds that out, too, before it looks at anything else. A dry run shows
     * ports that nobody chose, too.
     */
    void requireFree(Document next, @Nullable Document old, boolean dryRun) {
        ServiceShape shape = ServiceShape.of(next);
        boolean fresh = old == null || old.text("spec.type").equals("ExternalName");
        if (fresh && shape.clusterIp() && !shape.headless()) {
            addresses(next).forEach(address -> requireFreeAddress(next, address, dryRun));
        }
        ports(next, old, dryRun ? Draw.SHOWN : Draw.LATER).settle();
    }

    private NodePortOperation ports(Document next, @Nullable Document old, Draw draw) {
        return new NodePortOperation(next, old, network, port -> taken(NODE_PORTS, Integer.toString(port)), draw);
    }

    private void requireFreeAddress(Document service, String address, boolean dryRun) {
        Addresses.Ip ip = Addresses.parse(address);
        if (ip == null || !range.contains(ip)) {
            throw refusedAddress(
                    service,
                    address,
                    dryRun
                            ? "the provided IP (%s) is not in the valid range. The range of valid IPs is %s"
                                    .formatted(address, network.range())
                            : "the provided network does not match the current range");
        }
        if (taken(ADDRESSES, address)) {
            throw refusedAddress(service, address, "provided IP is already allocated");
        }
    }

    Enlisted enlist(Document next, Optional<Document> old, RequestInfo request) {
        List<Operation> operations = new ArrayList<>();
        Set<String> heldAddresses = old.map(ServiceAllocation::addresses).orElse(Set.of());
        Set<Integer> heldPorts = old.map(ServiceAllocation::ports).orElse(Set.of());
        ServiceShape shape = ServiceShape.of(next);
        if (shape.clusterIp() && !shape.headless()) {
            takeAddresses(next, heldAddresses, request, operations);
        }
        ports(next, old.orElse(null), this::drawPort).settle().forEach(port -> operations.add(nodePort(port, next)));
        Set<String> keptAddresses = addresses(next);
        heldAddresses.stream()
                .filter(address -> !keptAddresses.contains(address))
                .forEach(address -> remove(ADDRESSES, address, operations));
        Set<Integer> keptPorts = ports(next);
        heldPorts.stream()
                .filter(port -> !keptPorts.contains(port))
                .forEach(port -> remove(NODE_PORTS, Integer.toString(port), operations));
        return operations.isEmpty() ? Enlisted.NOTHING : new Enlisted(operations, List.of());
    }

    Enlisted release(Document service) {
        List<Operation> operations = new ArrayList<>();
        addresses(service).forEach(address -> remove(ADDRESSES, address, operations));
        ports(service).forEach(port -> remove(NODE_PORTS, Integer.toString(port), operations));
        return operations.isEmpty() ? Enlisted.NOTHING : new Enlisted(operations, List.of());
    }

    private void takeAddresses(Document next, Set<String> held, RequestInfo request, List<Operation> operations) {
        if (next.text("spec.clusterIP").isEmpty()) {
            String drawn = drawAddress(next);
            setAddress(next, drawn);
            operations.add(address(drawn, next, request));
            return;
        }
        for (String chosen : addresses(next)) {
            if (held.contains(chosen)) {
                continue;
            }
            requireFreeAddress(next, chosen, false);
            operations.add(address(chosen, next, request));
        }
    }

    private static void setAddress(Document service, String address) {
        service.set("spec.clusterIP", address);
        service.object("spec").putArray("clusterIPs").add(address);
    }

    /** Any free address but the first, and the last of an IPv4 block. */
    private String drawAddress(Document service) {
        BigInteger usable =
                range.size().subtract(BigInteger.valueOf(range.address().v4() ? 2 : 1));
        for (int draw = 0; draw < DRAWS; draw++) {
            BigInteger offset = new BigInteger(usable.bitLength() + 16, new RandomBits(random.getObject()))
                    .mod(usable)
                    .add(BigInteger.ONE);
            String address = range.at(offset).canonical();
            if (!taken(ADDRESSES, address)) {
                return address;
            }
        }
        throw StatusException.internal("failed to allocate a serviceIP: range is full");
    }

    private int drawPort(Set<Integer> mine) {
        for (int draw = 0; draw < DRAWS; draw++) {
            int port = random.getObject().nextInt(network.firstNodePort(), network.lastNodePort() + 1);
            if (!mine.contains(port) && !taken(NODE_PORTS, Integer.toString(port))) {
                return port;
            }
        }
        throw StatusException.internal("failed to allocate a nodePort: range is full");
    }

    private boolean taken(GroupResource storage, String name) {
        return find(storage, name).isPresent();
    }

    private Optional<Entry> find(GroupResource storage, String name) {
        return cache.getObject().get(storage, ObjectKey.clusterScoped(name), new Freshness.Consistent());
    }

    private void remove(GroupResource storage, String name, List<Operation> operations) {
        find(storage, name)
                .ifPresent(entry -> operations.add(new Operation.Remove(
                        entry.key(),
                        entry.revision(),
                        entry.storedVersion(),
                        RevisionSlot.clear(entry.body()),
                        entry.header())));
    }

    private Operation address(String address, Document service, RequestInfo request) {
        Document object = Document.empty();
        object.set("apiVersion", "networking.k8s.io/v1").set("kind", "IPAddress");
        object.set("metadata.name", address);
        object.set("metadata.uid", UUID.randomUUID().toString());
        object.set(
                "metadata.creationTimestamp",
                request.now().truncatedTo(ChronoUnit.SECONDS).toString());
        ObjectNode labels = object.object("metadata.labels");
        labels.put("ipaddress.kubernetes.io/ip-family", address.contains(":") ? "IPv6" : "IPv4");
        labels.put("ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io");
        ObjectNode parent = object.object("spec.parentRef");
        parent.put("group", "").put("resource", "services");
        parent.put("namespace", service.namespace()).put("name", service.name());
        byte[] body = codec.getObject().canonical(object, ADDRESS);
        StoreKey key = new StoreKey(ADDRESSES, ObjectKey.clusterScoped(address));
        return new Operation.Put(key, 0, "v1", body, headers.getObject().read(ADDRESSES, body));
    }

    private static Operation nodePort(int port, Document service) {
        // The names of services and namespaces need no escaping.
        String body = "\"metadata\":{\"resourceVersion\":\"\",\"name\":\"%d\"},\"service\":\"%s/%s\"}"
                .formatted(port, service.namespace(), service.name());
        StoreKey key = new StoreKey(NODE_PORTS, ObjectKey.clusterScoped(Integer.toString(port)));
        return new Operation.Put(
                key,
                0,
                "v1",
                body.getBytes(StandardCharsets.UTF_8),
                new EntryHeader("", Map.of(), Map.of(), List.of(), false));
    }

    private static Set<String> addresses(Document service) {
        Set<String> addresses = new LinkedHashSet<>();
        service.items("spec.clusterIPs").forEach(address -> addresses.add(address.asString("")));
        addresses.removeAll(List.of("", "None"));
        return addresses;
    }

    private static Set<Integer> ports(Document service) {
        Set<Integer> ports = NodePortOperation.nodePorts(service);
        ports.add((int) service.number("spec.healthCheckNodePort", 0));
        ports.remove(0);
        return ports;
    }

    private static StatusException refusedAddress(Document service, String address, String why) {
        return refused(
                service,
                "spec.clusterIPs",
                service.at("spec.clusterIPs"),
                "failed to allocate IP %s: %s".formatted(address, why));
    }

    private static StatusException refused(Document service, String field, Object value, String why) {
        return StatusException.invalid(
                "",
                "Service",
                service.name(),
                List.of(new FieldError(
                        Reason.INVALID, field, "Invalid value: %s: %s".formatted(Values.print(value), why))));
    }

    /** The bits of a generator in the form that {@link BigInteger} asks for. */
    private static final class RandomBits extends Random {
        private final transient RandomGenerator source;

        RandomBits(RandomGenerator source) {
            this.source = source;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            source.nextBytes(bytes);
        }
    }
}
