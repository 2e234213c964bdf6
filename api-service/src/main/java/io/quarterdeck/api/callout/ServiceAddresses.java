package io.quarterdeck.api.callout;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Where a Service's pods listen: calls go straight to one of them, so that they work where no proxy runs. Thread-safe.
 *
 * <p>Source: API discovery.k8s.io/v1, EndpointSlice.
 */
@Component
final class ServiceAddresses {

    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final GroupResource SLICES = new GroupResource("discovery.k8s.io", "endpointslices");

    private final CachedObjects objects;
    private final RandomGenerator random = RandomGenerator.getDefault();

    ServiceAddresses(CachedObjects objects) {
        this.objects = objects;
    }

    /** @throws IOException in upstream's words when nothing listens */
    InetSocketAddress resolve(String namespace, String name, int port) throws IOException {
        Document service = objects.find(SERVICES, new ObjectKey(namespace, name))
                .orElseThrow(() -> new IOException("service \"%s\" not found".formatted(name)));
        if (service.text("spec.type").equals("ExternalName")) {
            return new InetSocketAddress(service.text("spec.externalName"), port);
        }
        JsonNode wanted = service.items("spec.ports").stream()
                .filter(candidate -> candidate.path("port").asInt(0) == port)
                .findFirst()
                .orElseThrow(
                        () -> new IOException("no service port %d found for service \"%s\"".formatted(port, name)));
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (Document slice : objects.list(SLICES, namespace)) {
            if (name.equals(slice.labels().get("kubernetes.io/service-name"))) {
                collect(slice, wanted.path("name").asString(""), addresses);
            }
        }
        if (addresses.isEmpty()) {
            throw new IOException("no endpoints available for service \"%s\"".formatted(name));
        }
        return addresses.get(random.nextInt(addresses.size()));
    }

    private static void collect(Document slice, String portName, List<InetSocketAddress> into) {
        for (JsonNode port : slice.items("ports")) {
            if (!port.path("name").asString("").equals(portName)) {
                continue;
            }
            for (JsonNode endpoint : slice.items("endpoints")) {
                if (endpoint.path("conditions").path("ready").asBoolean(true)) {
                    endpoint.path("addresses")
                            .forEach(address -> into.add(new InetSocketAddress(
                                    address.asString(""), port.path("port").asInt(0))));
                }
            }
        }
    }
}
