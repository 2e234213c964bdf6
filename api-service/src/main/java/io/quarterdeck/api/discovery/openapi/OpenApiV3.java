package io.quarterdeck.api.discovery.openapi;

import io.quarterdeck.api.schema.Defaults;
import io.quarterdeck.api.schema.Field;
import io.quarterdeck.api.schema.ListSchema;
import io.quarterdeck.api.schema.MapSchema;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.Schema;
import io.quarterdeck.api.schema.SchemaCatalog;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Turns OpenAPI v2 into v3 and adds what v2 cannot say: defaults, and values of one of several types. */
final class OpenApiV3 {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private static final String QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private static final Set<String> V2_ONLY = Set.of("consumes", "produces", "schemes", "parameters", "responses");
    private static final Set<String> SHAPE =
            Set.of("type", "format", "uniqueItems", "items", "default", "enum", "minimum", "maximum");

    private final JsonNode parameters;
    private final String title;
    private final String version;
    private final SchemaCatalog catalog = SchemaCatalog.builtin();
    private final Defaults defaults = Defaults.builtin();

    OpenApiV3(JsonNode parameters, String title, String version) {
        this.parameters = parameters;
        this.title = title;
        this.version = version;
    }

    ObjectNode document(ObjectNode paths, ObjectNode definitions) {
        ObjectNode document = NODES.objectNode();
        document.put("openapi", "3.0.0");
        document.putObject("info").put("title", title).put("version", version);
        ObjectNode newPaths = document.putObject("paths");
        paths.properties().forEach(entry -> newPaths.set(entry.getKey(), path(entry.getValue())));
        ObjectNode components = document.putObject("components");
        if (!definitions.isEmpty()) {
            ObjectNode schemas = components.putObject("schemas");
            definitions
                    .properties()
                    .forEach(entry -> schemas.set(entry.getKey(), definition(entry.getKey(), entry.getValue())));
        }
        components
                .putObject("securitySchemes")
                .putObject("BearerToken")
                .put("type", "apiKey")
                .put("description", "Bearer Token authentication")
                .put("name", "authorization")
                .put("in", "header");
        return document;
    }

    private ObjectNode path(JsonNode path) {
        ObjectNode converted = NODES.objectNode();
        path.properties().forEach(entry -> {
            if (entry.getKey().equals("parameters")) {
                converted.set("parameters", parameters(entry.getValue()));
            } else {
                converted.set(entry.getKey(), operation(entry.getValue()));
            }
        });
        return converted;
    }

    private ObjectNode operation(JsonNode operation) {
        ObjectNode converted = NODES.objectNode();
        operation.properties().forEach(entry -> {
            if (!V2_ONLY.contains(entry.getKey())) {
                converted.set(entry.getKey(), entry.getValue());
            }
        });
        ArrayNode plain = parameters(operation.path("parameters"));
        if (!plain.isEmpty()) {
            converted.set("parameters", plain);
        }
        for (JsonNode parameter : operation.path("parameters")) {
            JsonNode resolved = resolve(parameter);
            if (resolved.path("in").asString("").equals("body")) {
                ObjectNode body = converted.putObject("requestBody");
                if (resolved.path("required").asBoolean(false)) {
                    body.put("required", true);
                }
                body.set("content", content(operation.path("consumes"), resolved.path("schema")));
            }
        }
        ObjectNode responses = converted.putObject("responses");
        operation.path("responses").properties().forEach(entry -> {
            ObjectNode response = responses.putObject(entry.getKey());
            response.set("description", entry.getValue().path("description"));
            if (entry.getValue().has("schema")) {
                response.set(
                        "content",
                        content(operation.path("produces"), entry.getValue().path("schema")));
            }
        });
        return converted;
    }

    private ObjectNode content(JsonNode types, JsonNode schema) {
        ObjectNode content = NODES.objectNode();
        ObjectNode converted = schema(schema, null);
        types.forEach(type -> content.putObject(type.asString()).set("schema", converted));
        if (types.isEmpty()) {
            content.putObject("*/*").set("schema", converted);
        }
        return content;
    }

    private JsonNode resolve(JsonNode parameter) {
        String name = OpenApiDocuments.parameterName(parameter.path("$ref").asString(""));
        return name.isEmpty() ? parameter : parameters.path(name);
    }

    private ArrayNode parameters(JsonNode list) {
        ArrayNode converted = NODES.arrayNode();
        for (JsonNode item : list) {
            JsonNode parameter = resolve(item);
            if (parameter.path("in").asString("").equals("body")) {
                continue;
            }
            ObjectNode node = converted.addObject();
            ObjectNode shape = NODES.objectNode();
            parameter
                    .properties()
                    .forEach(entry ->
                            (SHAPE.contains(entry.getKey()) ? shape : node).set(entry.getKey(), entry.getValue()));
            node.set("schema", shape);
        }
        return converted;
    }

    private ObjectNode definition(String name, JsonNode definition) {
        ObjectNode converted = schema(definition, catalog.definition(name).orElse(null));
        switch (name) {
            case INT_OR_STRING -> {
                converted.remove("type");
                oneOf(converted, "integer", "string");
            }
            case QUANTITY -> {
                converted.remove("type");
                oneOf(converted, "string", "number");
            }
            default -> {}
        }
        return converted;
    }

    private static void oneOf(ObjectNode schema, String... types) {
        ArrayNode alternatives = schema.putArray("oneOf");
        for (String type : types) {
            alternatives.addObject().put("type", type);
        }
    }

    /** @param known the model of the same schema, which knows its defaults; null where there is none */
    private ObjectNode schema(JsonNode schema, @Nullable Schema known) {
        ObjectNode converted = NODES.objectNode();
        for (Map.Entry<String, JsonNode> entry : schema.properties()) {
            JsonNode value = entry.getValue();
            switch (entry.getKey()) {
                case "$ref" -> converted.put("$ref", reference(value.asString()));
                case "properties" -> {
                    ObjectNode properties = converted.putObject("properties");
                    value.properties()
                            .forEach(property -> properties.set(
                                    property.getKey(), property(property.getKey(), property.getValue(), known)));
                }
                case "items" ->
                    converted.set("items", element(value, known instanceof ListSchema list ? list.items() : null));
                case "additionalProperties" ->
                    converted.set(
                            "additionalProperties",
                            value.isObject()
                                    ? element(value, known instanceof MapSchema map ? map.values() : null)
                                    : value);
                default -> converted.set(entry.getKey(), value);
            }
        }
        return alone(converted);
    }

    private ObjectNode property(String name, JsonNode property, @Nullable Schema owner) {
        Field field = owner instanceof ObjectSchema object ? object.field(name) : null;
        ObjectNode converted = schema(property, field == null ? null : field.schema());
        JsonNode value = owner instanceof ObjectSchema object ? defaults.declared(object, name) : null;
        if (value != null) {
            converted.set("default", value);
        }
        return alone(converted);
    }

    private ObjectNode element(JsonNode element, @Nullable Schema known) {
        ObjectNode converted = schema(element, known);
        JsonNode zero = known == null ? null : Defaults.zero(known);
        if (zero != null) {
            converted.set("default", zero);
        }
        return alone(converted);
    }

    /** In v3 a reference stands alone; whatever is said beside it goes around it. */
    private static ObjectNode alone(ObjectNode schema) {
        JsonNode ref = schema.get("$ref");
        if (ref == null || schema.size() == 1) {
            return schema;
        }
        schema.remove("$ref");
        schema.putArray("allOf").addObject().set("$ref", ref);
        return schema;
    }

    private static String reference(String ref) {
        String name = OpenApiDocuments.definitionName(ref);
        return name.isEmpty() ? ref : "#/components/schemas/" + name;
    }
}
