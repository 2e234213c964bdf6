package io.quarterdeck.api.admission;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request as webhooks are told it and as expressions see it: an AdmissionRequest without objects. Pure.
 *
 * <p>Source: API admission.k8s.io/v1.
 */
public final class ReviewedRequest {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

    private ReviewedRequest() {}

    /** @param matched the resource in the version that the rule speaks of */
    public static ObjectNode of(AdmissionRequest request, ResourceDefinition matched) {
        RequestInfo info = request.request();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("kind", kind(request.kind(matched)));
        node.set("resource", resource(matched));
        if (!info.subresource().isEmpty()) {
            node.put("subResource", info.subresource());
        }
        node.set("requestKind", kind(request.kind(request.resource())));
        node.set("requestResource", resource(request.resource()));
        if (!info.subresource().isEmpty()) {
            node.put("requestSubResource", info.subresource());
        }
        String name = request.requestedName();
        if (!name.isEmpty()) {
            node.put("name", name);
        }
        // A namespace is said to be in itself.
        String namespace = request.resource().resource().equals(NAMESPACES)
                ? info.key().name()
                : info.key().namespace();
        if (!namespace.isEmpty()) {
            node.put("namespace", namespace);
        }
        node.put("operation", request.operation().name());
        node.set("userInfo", user(info.user()));
        node.put("dryRun", info.dryRun());
        node.set("options", options(request));
        return node;
    }

    private static ObjectNode kind(GroupVersionKind kind) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("group", kind.group())
                .put("version", kind.version())
                .put("kind", kind.kind());
    }

    private static ObjectNode resource(ResourceDefinition resource) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("group", resource.group())
                .put("version", resource.version())
                .put("resource", resource.plural());
    }

    private static ObjectNode user(User user) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("username", user.name());
        if (!user.uid().isEmpty()) {
            node.put("uid", user.uid());
        }
        ArrayNode groups = node.putArray("groups");
        user.groups().forEach(groups::add);
        if (!user.extra().isEmpty()) {
            ObjectNode extra = node.putObject("extra");
            user.extra().forEach((key, values) -> values.forEach(extra.putArray(key)::add));
        }
        return node;
    }

    private static JsonNode options(AdmissionRequest request) {
        RequestInfo info = request.request();
        String kind = switch (request.operation()) {
            case CREATE -> "CreateOptions";
            case UPDATE -> "UpdateOptions";
            case DELETE -> "DeleteOptions";
            case CONNECT -> "";
        };
        if (kind.isEmpty()) {
            return JsonNodeFactory.instance.nullNode();
        }
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", kind).put("apiVersion", "meta.k8s.io/v1");
        if (info.dryRun()) {
            node.putArray("dryRun").add("All");
        }
        if (request.operation() == AdmissionRequest.Operation.DELETE) {
            deletion(node, request.deletion());
            return node;
        }
        putGiven(node, "fieldManager", info.given().fieldManager());
        putGiven(node, "fieldValidation", info.given().fieldValidation());
        return node;
    }

    private static void deletion(ObjectNode node, DeleteOptions options) {
        options.gracePeriodSeconds().ifPresent(seconds -> node.put("gracePeriodSeconds", seconds));
        options.orphanDependents().ifPresent(orphan -> node.put("orphanDependents", orphan));
        putGiven(node, "propagationPolicy", options.propagation());
        if (!options.uid().isEmpty() || !options.resourceVersion().isEmpty()) {
            ObjectNode preconditions = node.putObject("preconditions");
            options.uid().ifPresent(uid -> preconditions.put("uid", uid));
            options.resourceVersion().ifPresent(version -> preconditions.put("resourceVersion", version));
        }
    }

    private static void putGiven(ObjectNode node, String field, String value) {
        if (!value.isEmpty()) {
            node.put(field, value);
        }
    }
}
