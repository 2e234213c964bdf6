package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.VersionConverter;
import io.quarterdeck.model.GroupVersionKind;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Between resource.k8s.io/v1beta1 and v1. The older version has the fields of an exact request, and those of a device,
 * one level higher or lower.
 */
abstract class BetaConverter implements VersionConverter {

    static final String GROUP = "resource.k8s.io";

    private final String kind;

    BetaConverter(String kind) {
        this.kind = kind;
    }

    @Override
    public final GroupVersionKind version() {
        return new GroupVersionKind(GROUP, "v1beta1", kind);
    }

    @Override
    public final Document toStored(Document object) {
        Document stored = object.copy();
        stored.set("apiVersion", GROUP + "/v1");
        newer(stored);
        return stored;
    }

    @Override
    public final Document fromStored(Document stored) {
        Document seen = stored.copy();
        seen.set("apiVersion", GROUP + "/v1beta1").set("kind", kind);
        older(seen);
        return seen;
    }

    abstract void newer(Document object);

    abstract void older(Document object);

    /** Moves the fields of {@code whole} that are not named into {@code part}, when there are any. */
    static void sink(ObjectNode whole, String part, List<String> staying) {
        List<String> moving = whole.propertyNames().stream()
                .filter(name -> !staying.contains(name))
                .toList();
        if (moving.stream().allMatch(name -> saysNothing(whole.path(name)))) {
            whole.remove(moving);
            return;
        }
        ObjectNode sunk = whole.objectNode();
        moving.forEach(name -> sunk.set(name, whole.remove(name)));
        whole.set(part, sunk);
    }

    private static boolean saysNothing(JsonNode value) {
        return value.isNull() || value.isString() && value.stringValue().isEmpty();
    }

    /** The other way round. */
    static void raise(ObjectNode whole, String part) {
        JsonNode raised = whole.remove(part);
        if (raised instanceof ObjectNode fields) {
            whole.setAll(fields);
        }
    }
}
