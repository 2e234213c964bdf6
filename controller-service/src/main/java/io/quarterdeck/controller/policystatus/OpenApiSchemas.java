package io.quarterdeck.controller.policystatus;

import io.quarterdeck.model.GroupVersionKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The schemas of kinds, whole: what they refer to is put in. Documents are asked for once. Not thread-safe.
 *
 * <p>Source: OpenAPI 3.0 as Kubernetes serves it, {@code /openapi/v3}.
 */
final class OpenApiSchemas {

    private static final String REFERENCE = "#/components/schemas/";

    /** A description or a default beside a reference is written by wrapping it. */
    private static final String WRAPPED = "allOf";

    private final Function<String, Optional<JsonNode>> documents;
    private final Map<String, Optional<JsonNode>> known = new HashMap<>();

    /** @param documents by their path, {@code /openapi/v3/apis/apps/v1}; empty when there is none */
    OpenApiSchemas(Function<String, Optional<JsonNode>> documents) {
        this.documents = documents;
    }

    /** Empty when nobody serves the kind, or its schema refers to what is not there. */
    Optional<JsonNode> of(GroupVersionKind kind) {
        String root = kind.group().isEmpty() ? "/openapi/v3/api/" : "/openapi/v3/apis/";
        return known.computeIfAbsent(root + kind.apiVersion(), documents)
                .map(document -> document.path("components").path("schemas"))
                .flatMap(schemas -> schemas.properties().stream()
                        .filter(schema -> describes(schema.getValue(), kind))
                        .findFirst()
                        .flatMap(schema -> new Whole(schemas).referred(schema.getKey())));
    }

    private static boolean describes(JsonNode schema, GroupVersionKind kind) {
        for (JsonNode described : schema.path("x-kubernetes-group-version-kind")) {
            if (described.path("group").asString("").equals(kind.group())
                    && described.path("version").asString("").equals(kind.version())
                    && described.path("kind").asString("").equals(kind.kind())) {
                return true;
            }
        }
        return false;
    }

    /** Puts schemas in the place of references to them. */
    private static final class Whole {

        private final JsonNode schemas;
        private final Set<String> open = new HashSet<>();

        Whole(JsonNode schemas) {
            this.schemas = schemas;
        }

        Optional<JsonNode> referred(String name) {
            if (!open.add(name)) {
                // What holds itself ends where it begins again.
                return Optional.of(JsonNodeFactory.instance.objectNode().put("type", "object"));
            }
            try {
                return schemas.has(name) ? parts(schemas.path(name)) : Optional.empty();
            } finally {
                open.remove(name);
            }
        }

        private Optional<JsonNode> of(JsonNode schema) {
            Optional<String> reference = reference(schema);
            return reference.isPresent() ? referred(reference.get()) : parts(schema);
        }

        private Optional<JsonNode> parts(JsonNode schema) {
            ObjectNode whole = JsonNodeFactory.instance.objectNode();
            for (Map.Entry<String, JsonNode> part : schema.properties()) {
                Optional<JsonNode> value = switch (part.getKey()) {
                    case "properties" -> properties(part.getValue());
                    case "items", "additionalProperties" ->
                        part.getValue().isObject() ? of(part.getValue()) : Optional.of(part.getValue());
                    default -> Optional.of(part.getValue());
                };
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                whole.set(part.getKey(), value.get());
            }
            if (schema.path("format").asString("").equals("int-or-string")) {
                // The API's own types say by a format what custom resources say by an extension.
                whole.put("x-kubernetes-int-or-string", true);
            }
            return Optional.of(whole);
        }

        private Optional<JsonNode> properties(JsonNode properties) {
            ObjectNode whole = JsonNodeFactory.instance.objectNode();
            for (Map.Entry<String, JsonNode> property : properties.properties()) {
                Optional<JsonNode> value = of(property.getValue());
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                whole.set(property.getKey(), value.get());
            }
            return Optional.of(whole);
        }

        private static Optional<String> reference(JsonNode schema) {
            String reference = schema.path("$ref").asString("");
            if (reference.startsWith(REFERENCE)) {
                return Optional.of(reference.substring(REFERENCE.length()));
            }
            for (JsonNode wrapped : schema.path(WRAPPED)) {
                Optional<String> inner = reference(wrapped);
                if (inner.isPresent()) {
                    return inner;
                }
            }
            return Optional.empty();
        }
    }
}
