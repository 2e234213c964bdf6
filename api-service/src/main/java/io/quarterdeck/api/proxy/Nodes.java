package io.quarterdeck.api.proxy;

import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Finds objects and the addresses that stand in them. Thread-safe. */
final class Nodes {

    private static final GroupResource NODES = new GroupResource("", "nodes");
    private static final int KUBELET_PORT = 10250;
    private static final List<String> ADDRESS_TYPES =
            List.of("InternalIP", "Hostname", "InternalDNS", "ExternalDNS", "ExternalIP");

    private final LiveCatalog catalog;
    private final WatchCache cache;
    private final ObjectCodec codec;

    Nodes(LiveCatalog catalog, WatchCache cache, ObjectCodec codec) {
        this.catalog = catalog;
        this.cache = cache;
        this.codec = codec;
    }

    Document object(GroupResource resource, ObjectKey key) {
        ResourceDefinition definition = catalog.stored(resource).orElseThrow(StatusException::noSuchRoute);
        return cache.get(resource, key, new Freshness.Consistent())
                .map(entry -> codec.read(entry.body(), definition.gvk()))
                .orElseThrow(() -> StatusException.notFound(resource, key.name()));
    }

    /**
     * The kubelet of a pod's node.
     *
     * @param path undecoded, with query
     * @throws StatusException 404 that names a pod, as upstream's does, when there is no such node
     */
    Target kubeletOfPod(String node, String path) {
        try {
            return kubelet(node, 0, true, path);
        } catch (StatusException e) {
            throw e.code() == 404 ? StatusException.notFound(new GroupResource("", "pods"), node) : e;
        }
    }

    /** @param port 0 for the kubelet's own */
    Target kubelet(String node, int port, boolean tls, String path) {
        Document object = object(NODES, ObjectKey.clusterScoped(node));
        for (String type : ADDRESS_TYPES) {
            for (JsonNode address : object.items("status.addresses")) {
                if (address.path("type").asString("").equals(type)) {
                    int own = (int) object.number("status.daemonEndpoints.kubeletEndpoint.Port", KUBELET_PORT);
                    boolean kubelet = port == 0 || port == own;
                    String host = address.path("address").asString("");
                    return new Target(
                            // A kubelet proves itself by its certificate; anything else on a node does not.
                            kubelet ? host : ProxyableAddress.of(host), port == 0 ? own : port, tls, kubelet, path);
                }
            }
        }
        throw new StatusException(500, "", "no preferred addresses found; known addresses: []", null);
    }

    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
