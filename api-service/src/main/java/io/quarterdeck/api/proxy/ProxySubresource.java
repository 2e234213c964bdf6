package io.quarterdeck.api.proxy;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.SubresourceHandler;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * {@code nodes/proxy}, {@code pods/proxy}, {@code services/proxy}: HTTP passed through to what the object stands for. The
 * name may be written {@code https:name:port}. Thread-safe.
 */
final class ProxySubresource implements SubresourceHandler {

    private static final GroupResource NODES = new GroupResource("", "nodes");
    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final GroupResource ENDPOINTS = new GroupResource("", "endpoints");
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final GroupResource resource;
    private final Nodes nodes;
    private final PassThrough passThrough;

    ProxySubresource(GroupResource resource, Nodes nodes, PassThrough passThrough) {
        this.resource = resource;
        this.nodes = nodes;
        this.passThrough = passThrough;
    }

    @Override
    public GroupResource resource() {
        return resource;
    }

    @Override
    public String subresource() {
        return "proxy";
    }

    private record Address(boolean tls, String name, String port) {
        static Address of(String text) {
            String[] parts = text.split(":", -1);
            return switch (parts.length) {
                case 1 -> new Address(false, parts[0], "");
                case 2 -> new Address(false, parts[0], parts[1]);
                case 3 -> new Address(parts[0].equals("https"), parts[1], parts[2]);
                default -> throw StatusException.badRequest("invalid proxy request \"" + text + "\"");
            };
        }
    }

    @Override
    public void handle(Exchange exchange, ResourceDefinition definition, ObjectKey key) throws IOException {
        if (!METHODS.contains(exchange.method())) {
            throw StatusException.methodNotAllowed();
        }
        Address address = Address.of(key.name());
        ObjectKey object = new ObjectKey(key.namespace(), address.name());
        String path = rest(exchange);
        Target target = resource.equals(NODES)
                ? nodes.kubelet(address.name(), number(address.port(), 0), true, path)
                : resource.equals(PODS) ? pod(object, address, path) : service(object, address, path);
        passThrough.carry(exchange, target, "error trying to reach service: ");
    }

    /** What follows the subresource, as it was sent. */
    private static String rest(Exchange exchange) {
        String raw = exchange.path().raw();
        int proxy = raw.indexOf("/proxy");
        String path = raw.substring(proxy + "/proxy".length());
        String query = exchange.query().raw();
        return (path.isEmpty() ? "/" : path) + (query.isEmpty() ? "" : "?" + query);
    }

    private static int number(String port, int whenAbsent) {
        try {
            return port.isEmpty() ? whenAbsent : Integer.parseInt(port);
        } catch (NumberFormatException e) {
            throw StatusException.badRequest("invalid port \"" + port + "\"");
        }
    }

    private Target pod(ObjectKey key, Address address, String path) {
        Document pod = nodes.object(PODS, key);
        String ip = pod.text("status.podIP");
        if (ip.isEmpty()) {
            throw StatusException.badRequest("address not allowed");
        }
        int port = number(address.port(), 0);
        if (port == 0) {
            port = pod.items("spec.containers").stream()
                    .flatMap(container -> container.path("ports").valueStream())
                    .mapToInt(each -> each.path("containerPort").asInt(0))
                    .findFirst()
                    .orElse(address.tls() ? 443 : 80);
        }
        return new Target(ProxyableAddress.of(ip), port, address.tls(), false, path);
    }

    private Target service(ObjectKey key, Address address, String path) {
        Document service = nodes.object(SERVICES, key);
        List<JsonNode> ports = service.items("spec.ports");
        JsonNode chosen = ports.stream()
                .filter(port -> address.port().isEmpty()
                        ? ports.size() == 1 || port == ports.getFirst()
                        : port.path("name").asString("").equals(address.port())
                                || port.path("port").asString("").equals(address.port())
                                || String.valueOf(port.path("port").asInt(0)).equals(address.port()))
                .findFirst()
                .orElseThrow(() -> StatusException.unavailable(
                        "no service port \"%s\" found for service \"%s\"".formatted(address.port(), key.name())));
        if (service.text("spec.type").equals("ExternalName")) {
            throw StatusException.unavailable("no endpoints available for service \"" + key.name() + "\"");
        }
        String name = chosen.path("name").asString("");
        Document endpoints;
        try {
            endpoints = nodes.object(ENDPOINTS, key);
        } catch (StatusException absent) {
            throw StatusException.unavailable("no endpoints available for service \"" + key.name() + "\"");
        }
        return ServiceEndpoints.ready(endpoints, name)
                .map(to -> new Target(to.host(), to.port(), address.tls(), false, path))
                .orElseThrow(
                        () -> StatusException.unavailable("no endpoints available for service \"" + key.name() + "\""));
    }
}
