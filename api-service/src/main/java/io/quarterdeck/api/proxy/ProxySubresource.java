package io.quarterdeck.api.proxy;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.SubresourceHandler;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.util.Locale;
import java.util.OptionalLong;
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

    private static final Set<String> SCHEMES = Set.of("http", "https", "");

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
        /** @param what of the object, for who is told that the text is no address of one */
        static Address of(String text, String what) {
            String[] parts = text.split(":", -1);
            Address address = switch (parts.length) {
                case 1 -> new Address(false, parts[0], "");
                case 2 -> new Address(false, parts[0], parts[1]);
                case 3 -> new Address(parts[0].equals("https"), parts[1], parts[2]);
                default -> new Address(false, "", "");
            };
            boolean schemed = parts.length < 3 || SCHEMES.contains(parts[0]);
            if (address.name().isEmpty() || !schemed) {
                throw StatusException.badRequest("invalid %s request \"%s\"".formatted(what, text));
            }
            return address;
        }
    }

    @Override
    public void handle(Exchange exchange, ResourceDefinition definition, ObjectKey key) throws IOException {
        if (!METHODS.contains(exchange.method())) {
            throw StatusException.methodNotAllowed();
        }
        Address address = Address.of(key.name(), definition.kind().toLowerCase(Locale.ROOT));
        ObjectKey object = new ObjectKey(key.namespace(), address.name());
        String path = rest(exchange);
        Target target = resource.equals(NODES)
                ? nodes.kubelet(address.name(), number(address.port(), 0), true, path)
                : resource.equals(PODS) ? pod(object, address, path) : service(object, address, path, key.name());
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

    private Target service(ObjectKey key, Address address, String path, String asked) {
        String port = address.port();
        OptionalLong number = wholeNumber(port);
        if (number.isPresent()) {
            port = nodes.object(SERVICES, key).items("spec.ports").stream()
                    .filter(each -> each.path("port").asLong(0) == number.getAsLong())
                    .map(each -> each.path("name").asString(""))
                    .findFirst()
                    .orElseThrow(() -> StatusException.unavailable(
                            "no service port %d found for service \"%s\"".formatted(number.getAsLong(), key.name())));
        }
        Document endpoints;
        try {
            endpoints = nodes.object(ENDPOINTS, key);
        } catch (StatusException absent) {
            throw absent.code() == 404 ? StatusException.notFound(SERVICES, key.name()) : absent;
        }
        if (endpoints.items("subsets").isEmpty()) {
            throw StatusException.unavailable("no endpoints available for service \"" + key.name() + "\"");
        }
        return ServiceEndpoints.ready(endpoints, port, candidate -> isPod(candidate, key.namespace()))
                .map(to -> new Target(to.host(), to.port(), address.tls(), false, path))
                .orElseThrow(() -> StatusException.unavailable("no endpoints available for service \"" + asked + "\""));
    }

    /** Whoever writes endpoints must not reach by them what is no pod of this namespace. */
    private boolean isPod(JsonNode candidate, String namespace) {
        JsonNode reference = candidate.path("targetRef");
        if (!reference.path("namespace").asString("").equals(namespace)) {
            return false;
        }
        try {
            return nodes
                    .object(
                            PODS,
                            new ObjectKey(namespace, reference.path("name").asString("")))
                    .items("status.podIPs")
                    .stream()
                    .anyMatch(address -> address.path("ip").equals(candidate.path("ip")));
        } catch (StatusException noPod) {
            return false;
        }
    }

    private static OptionalLong wholeNumber(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException name) {
            return OptionalLong.empty();
        }
    }
}
