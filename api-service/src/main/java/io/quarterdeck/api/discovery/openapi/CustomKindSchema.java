package io.quarterdeck.api.discovery.openapi;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The schemas of a custom kind and its list, in the form of OpenAPI v2. Pure.
 *
 * <p>Source: apiextensions-apiserver, pkg/controller/openapi.
 */
final class CustomKindSchema {

    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final String CONVENTIONS =
            "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
    private static final String PRESERVES = "x-kubernetes-preserve-unknown-fields";

    /** Whose apiVersion and kind are described as those of every kind. */
    private static final String ANY_KIND = "io.k8s.api.core.v1.ConfigMap";

    private final CustomKind kind;
    private final JsonNode typeMeta;
    private final boolean simple;

    /**
     * @param definitions of the built-in kinds
     * @param simple whether to leave out what v2 cannot say and its readers would misread
     */
    CustomKindSchema(CustomKind kind, JsonNode definitions, boolean simple) {
        this.kind = kind;
        this.typeMeta = definitions.path(ANY_KIND).path("properties");
        this.simple = simple;
    }

    ObjectNode definitions() {
        ObjectNode made = JsonNodeFactory.instance.objectNode();
        made.set(kind.model(kind.kind()), described(object(), kind.kind()));
        made.set(kind.model(kind.listKind()), described(list(), kind.listKind()));
        return made;
    }

    private ObjectNode described(ObjectNode schema, String name) {
        schema.putArray("x-kubernetes-group-version-kind")
                .addObject()
                .put("group", kind.group())
                .put("kind", name)
                .put("version", kind.version());
        if (!kind.selectable().isEmpty()) {
            ArrayNode fields = schema.putArray("x-kubernetes-selectable-fields");
            kind.selectable().forEach(path -> fields.addObject().put("fieldPath", path));
        }
        return schema;
    }

    private ObjectNode object() {
        ObjectNode source = kind.schema();
        if (source == null || simple && source.path(PRESERVES).asBoolean(false)) {
            // A reader of v2 takes fields that are not described for unknown ones.
            return JsonNodeFactory.instance.objectNode().put("type", "object");
        }
        ObjectNode schema = source.deepCopy();
        settle(schema);
        ObjectNode properties = schema.withObjectProperty("properties");
        properties.set("metadata", metadata("ObjectMeta", "Standard object's metadata. " + CONVENTIONS + "#metadata"));
        addType(properties);
        return schema;
    }

    private void addType(ObjectNode properties) {
        properties.set("apiVersion", typeMeta.path("apiVersion"));
        properties.set("kind", typeMeta.path("kind"));
    }

    private static ObjectNode metadata(String name, String description) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("description", description)
                .put("$ref", "#/definitions/" + META + name);
    }

    private ObjectNode list() {
        ObjectNode schema = JsonNodeFactory.instance
                .objectNode()
                .put("description", "%s is a list of %s".formatted(kind.listKind(), kind.kind()))
                .put("type", "object");
        schema.putArray("required").add("items");
        ObjectNode properties = schema.putObject("properties");
        properties
                .putObject("items")
                .put("description", "List of %s. %s".formatted(kind.plural(), CONVENTIONS))
                .put("type", "array")
                .putObject("items")
                .put("$ref", "#/definitions/" + kind.model(kind.kind()));
        properties.set("metadata", metadata("ListMeta", "Standard list metadata. " + CONVENTIONS + "#types-kinds"));
        addType(properties);
        return schema;
    }

    /** Brings a schema and all below it into the published form. */
    private void settle(ObjectNode schema) {
        if (simple) {
            simplify(schema);
        } else if (schema.path("x-kubernetes-int-or-string").asBoolean(false)) {
            unfold(schema);
        }
        if (schema.get("properties") instanceof ObjectNode properties) {
            properties.forEach(this::settleIn);
        }
        settleIn(schema.path("items"));
        settleIn(schema.path("additionalProperties"));
        if (schema.path("x-kubernetes-embedded-resource").asBoolean(false)
                && !(simple && schema.path(PRESERVES).asBoolean(false))) {
            embed(schema);
        }
    }

    private void settleIn(JsonNode below) {
        if (below instanceof ObjectNode schema) {
            settle(schema);
        }
    }

    /** Says in other words that a value may be of two types, unless the schema does so itself. */
    private static void unfold(ObjectNode schema) {
        ArrayNode either = JsonNodeFactory.instance.arrayNode();
        either.addObject().put("type", "integer");
        either.addObject().put("type", "string");
        if (either.equals(schema.path("anyOf"))
                || either.equals(schema.path("allOf").path(0).path("anyOf"))) {
            return;
        }
        if (schema.has("anyOf")) {
            schema.withArrayProperty("allOf").insertObject(0).set("anyOf", either);
        } else {
            schema.set("anyOf", either);
        }
    }

    private static void simplify(ObjectNode schema) {
        schema.remove(List.of("allOf", "anyOf", "oneOf", "not", "default"));
        boolean preserves = schema.path(PRESERVES).asBoolean(false);
        if (isNullable(schema)) {
            schema.remove(List.of("nullable", "type", "items", "properties"));
        }
        if (preserves) {
            schema.remove(List.of("items", "properties"));
        }
        String type = schema.path("type").asString("");
        if (type.equals("array") && !schema.has("items") || type.equals("object") && preserves) {
            schema.remove("type");
        }
        if (isNullable(schema.path("additionalProperties"))) {
            schema.remove("required");
        }
        schema.path("properties").properties().stream()
                .filter(property -> isNullable(property.getValue()))
                .forEach(property -> notRequired(schema, property.getKey()));
    }

    private static boolean isNullable(JsonNode schema) {
        return schema.path("nullable").asBoolean(false);
    }

    private static void notRequired(ObjectNode schema, String property) {
        if (schema.get("required") instanceof ArrayNode required) {
            required.removeIf(name -> name.asString("").equals(property));
            if (required.isEmpty()) {
                schema.remove("required");
            }
        }
    }

    private void embed(ObjectNode schema) {
        ObjectNode properties = schema.withObjectProperty("properties");
        properties.set("metadata", metadata("ObjectMeta", "Standard object's metadata. " + CONVENTIONS + "#metadata"));
        properties
                .putObject("apiVersion")
                .put(
                        "description",
                        "apiVersion defines the versioned schema of this representation of an object. " + CONVENTIONS
                                + "#resources")
                .put("type", "string");
        properties
                .putObject("kind")
                .put(
                        "description",
                        "kind is a string value representing the type of this object. In CamelCase. " + CONVENTIONS
                                + "#types-kinds")
                .put("type", "string");
        ArrayNode required = schema.withArrayProperty("required");
        for (String field : List.of("kind", "apiVersion")) {
            if (required.valueStream().noneMatch(name -> name.asString("").equals(field))) {
                required.add(field);
            }
        }
    }
}
