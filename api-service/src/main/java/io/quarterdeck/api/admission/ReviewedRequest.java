package io.quarterdeck.api.admission;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request as webhooks are told it and as expressions see it: an AdmissionRequest without objects. Pure.
 *
 * <p>Source: API admission.k8s.io/v1.
 */
public final class ReviewedRequest {

    private ReviewedRequest() {}

    /** @param matched the resource in the version that the rule speaks of */
    public static ObjectNode of(AdmissionRequest request, ResourceDefinition matched) {
        RequestInfo info = request.request();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("kind", kind(matched));
        node.set("resource", resource(matched));
        if (!info.subresource().isEmpty()) {
            node.put("subResource", info.subresource());
        }
        node.set("requestKind", kind(request.resource()));
        node.set("requestResource", resource(request.resource()));
        if (!info.subresource().isEmpty()) {
            node.put("requestSubResource", info.subresource());
        }
        if (!info.key().name().isEmpty()) {
            node.put("name", info.key().name());
        }
        if (!info.key().namespace().isEmpty()) {
            node.put("namespace", info.key().namespace());
        }
        node.put("operation", request.operation().name());
        node.set("userInfo", user(info.user()));
        node.put("dryRun", info.dryRun());
        node.set("options", options(request));
        return node;
    }

    private static ObjectNode kind(ResourceDefinition resource) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("group", resource.group())
                .put("version", resource.version())
                .put("kind", resource.kind());
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

    private static ObjectNode options(AdmissionRequest request) {
        RequestInfo info = request.request();
        String kind = switch (request.operation()) {
            case CREATE -> "CreateOptions";
            case UPDATE -> info.verb().equals("patch") ? "PatchOptions" : "UpdateOptions";
            case DELETE -> "DeleteOptions";
            case CONNECT -> "";
        };
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        if (kind.isEmpty()) {
            return node;
        }
        node.put("kind", kind).put("apiVersion", "meta.k8s.io/v1");
        if (info.dryRun()) {
            node.putArray("dryRun").add("All");
        }
        if (!kind.equals("DeleteOptions")) {
            if (!info.fieldManager().isEmpty()) {
                node.put("fieldManager", info.fieldManager());
            }
            node.put(
                    "fieldValidation",
                    switch (info.fieldValidation()) {
                        case IGNORE -> "Ignore";
                        case WARN -> "Warn";
                        case STRICT -> "Strict";
                    });
        }
        return node;
    }
}
