package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.cache.CacheFollower;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a node may do: read what its pods name, look after its own objects, and whatever a list of rules gives to all
 * nodes. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Using Node Authorization".
 */
public final class NodeAuthorizer implements Authorizer {

    private static final String PREFIX = "system:node:";
    private static final String GROUP = "system:nodes";

    private final NodeGraph graph = new NodeGraph();
    private final CacheFollower follower;
    private final List<PolicyRule> common;

    /** @param common what every node may do, for resources that are not told apart by node */
    public NodeAuthorizer(WatchCache cache, List<PolicyRule> common) {
        Map<GroupResource, BiConsumer<Change.Type, Entry>> handlers = new LinkedHashMap<>();
        handlers.put(PodReferences.PODS, this::pod);
        handlers.put(NodeGraph.VOLUMES, this::volume);
        handlers.put(
                NodeGraph.ATTACHMENTS, (type, entry) -> owned(NodeGraph.ATTACHMENTS, "spec.nodeName", type, entry));
        handlers.put(NodeGraph.SLICES, (type, entry) -> owned(NodeGraph.SLICES, "spec.nodeName", type, entry));
        this.follower = new CacheFollower(cache, handlers, graph::clear);
        this.common = List.copyOf(common);
    }

    /** The node that a user is; empty for everyone else. */
    public static Optional<String> nodeOf(User user) {
        return user.groups().contains(GROUP)
                        && user.name().startsWith(PREFIX)
                        && user.name().length() > PREFIX.length()
                ? Optional.of(user.name().substring(PREFIX.length()))
                : Optional.empty();
    }

    private void pod(Change.Type type, Entry entry) {
        boolean bound =
                !entry.header().fields().getOrDefault("spec.nodeName", "").isEmpty();
        if (type == Change.Type.DELETED || !bound) {
            graph.removePod(entry.key().key());
        } else {
            graph.putPod(entry.key().key(), CachedObjects.document(entry));
        }
    }

    private void volume(Change.Type type, Entry entry) {
        String name = entry.key().key().name();
        if (type == Change.Type.DELETED) {
            graph.removeVolume(name);
        } else {
            graph.putVolume(name, CachedObjects.document(entry));
        }
    }

    private void owned(GroupResource resource, String path, Change.Type type, Entry entry) {
        String name = entry.key().key().name();
        if (type == Change.Type.DELETED) {
            graph.removeOwned(resource, name);
        } else {
            graph.putOwned(resource, name, CachedObjects.document(entry).text(path));
        }
    }

    @Override
    public Holdings holdings(User user, String namespace) {
        return nodeOf(user).isEmpty()
                ? Holdings.NONE
                : new Holdings(List.of(), List.of("node authorizer does not support user rule resolution"));
    }

    @Override
    public Decision decide(AccessRequest request) {
        Optional<String> node = nodeOf(request.user());
        if (node.isEmpty()) {
            boolean nameless = request.user().groups().contains(GROUP)
                    && request.user().name().equals(PREFIX);
            return nameless ? no("unknown node for user \"" + PREFIX + "\"") : new Decision.NoOpinion("");
        }
        if (request.isResource()) {
            Decision decision = subdivided(node.get(), request);
            if (decision != null) {
                return decision;
            }
        }
        return common.stream().anyMatch(rule -> rule.allows(request)) ? allow() : no("");
    }

    /** The verdict on resources that are told apart by node; null for others. */
    private @Nullable Decision subdivided(String node, AccessRequest request) {
        return switch (request.group() + "/" + request.resource()) {
            case "/secrets", "/configmaps" -> readNamespaced(node, request);
            case "/persistentvolumeclaims" ->
                request.subresource().equals("status") ? claimStatus(node, request) : get(node, request);
            case "/persistentvolumes", "resource.k8s.io/resourceclaims", "storage.k8s.io/volumeattachments" ->
                get(node, request);
            case "/serviceaccounts" -> token(node, request);
            case "coordination.k8s.io/leases" -> lease(node, request);
            case "storage.k8s.io/csinodes" -> csiNode(node, request);
            case "resource.k8s.io/resourceslices" -> slice(node, request);
            case "/nodes" -> node(node, request);
            case "/pods" -> pods(node, request);
            default -> null;
        };
    }

    private Decision readNamespaced(String node, AccessRequest request) {
        if (!List.of("get", "list", "watch").contains(request.verb())) {
            return no("can only read resources of this type");
        }
        if (!request.subresource().isEmpty()) {
            return no("cannot read subresource");
        }
        if (request.namespace().isEmpty()) {
            return no("can only read namespaced object of this type");
        }
        return related(node, request);
    }

    private Decision claimStatus(String node, AccessRequest request) {
        return List.of("update", "patch").contains(request.verb())
                ? related(node, request)
                : no("can only get/update/patch this type");
    }

    private Decision get(String node, AccessRequest request) {
        if (!request.verb().equals("get")) {
            return no("can only get individual resources of this type");
        }
        return request.subresource().isEmpty() ? related(node, request) : no("cannot get subresource");
    }

    private Decision token(String node, AccessRequest request) {
        if (!request.verb().equals("create") || request.name().isEmpty()) {
            return no("can only create tokens for individual service accounts");
        }
        return request.subresource().equals("token")
                ? related(node, request)
                : no("can only create token subresource of serviceaccount");
    }

    private static Decision lease(String node, AccessRequest request) {
        if (!List.of("get", "create", "update", "patch", "delete").contains(request.verb())) {
            return no("can only get, create, update, patch, or delete a node lease");
        }
        if (!request.namespace().equals("kube-node-lease")) {
            return no("can only access leases in the \"kube-node-lease\" system namespace");
        }
        // A create does not say its name yet: NodeRestriction looks at that.
        return request.verb().equals("create") || request.name().equals(node)
                ? allow()
                : no("can only access node lease with the same name as the requesting node");
    }

    private static Decision csiNode(String node, AccessRequest request) {
        if (!List.of("get", "create", "update", "patch", "delete").contains(request.verb())) {
            return no("can only get, create, update, patch, or delete a CSINode");
        }
        if (!request.subresource().isEmpty()) {
            return no("cannot authorize CSINode subresources");
        }
        return request.verb().equals("create") || request.name().equals(node)
                ? allow()
                : no("can only access CSINode with the same name as the requesting node");
    }

    private Decision slice(String node, AccessRequest request) {
        if (!request.subresource().isEmpty()) {
            return no("cannot authorize ResourceSlice subresources");
        }
        return switch (request.verb()) {
            case "create" -> allow();
            case "get", "update", "patch", "delete" -> related(node, request);
            case "watch", "list", "deletecollection" ->
                selects(request, "spec.nodeName", node) || selects(request, "nodeName", node)
                        ? allow()
                        : no("can only list/watch/deletecollection resourceslices with nodeName field selector");
            default ->
                no("only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch,"
                        + " delete, deletecollection");
        };
    }

    private static Decision node(String node, AccessRequest request) {
        return switch (request.subresource() + " " + request.verb()) {
            case " create", " update", " patch", "status update", "status patch" -> allow();
            case " get", " list", " watch" -> {
                if (request.name().equals(node)) {
                    yield allow();
                }
                yield no(
                        request.name().isEmpty()
                                ? "node '%s' cannot read all nodes, only its own Node object".formatted(node)
                                : "node '%s' cannot read '%s', only its own Node object"
                                        .formatted(node, request.name()));
            }
            default -> no("");
        };
    }

    private Decision pods(String node, AccessRequest request) {
        return switch (request.subresource() + " " + request.verb()) {
            case " get" -> related(node, request);
            case " list", " watch" -> {
                if (selects(request, "spec.nodeName", node)) {
                    yield allow();
                }
                yield request.name().isEmpty()
                        ? no("can only list/watch pods with spec.nodeName field selector")
                        : related(node, request);
            }
            case " create", " delete", "status update", "status patch", "eviction create" -> allow();
            default -> no("");
        };
    }

    private Decision related(String node, AccessRequest request) {
        if (request.name().isEmpty()) {
            return no("No Object name found");
        }
        follower.catchUp();
        return graph.related(
                        node,
                        new GroupResource(request.group(), request.resource()),
                        request.namespace(),
                        request.name())
                ? allow()
                : no("no relationship found between node '%s' and this object".formatted(node));
    }

    private static boolean selects(AccessRequest request, String field, String value) {
        return request.fields().requirements().stream()
                .anyMatch(requirement -> requirement.field().equals(field)
                        && requirement.equal()
                        && requirement.value().equals(value));
    }

    private static Decision allow() {
        return new Decision.Allow("");
    }

    private static Decision no(String reason) {
        return new Decision.NoOpinion(reason);
    }
}
