package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.api.schema.Field;
import io.quarterdeck.api.schema.ListSchema;
import io.quarterdeck.api.schema.MapSchema;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.ScalarSchema;
import io.quarterdeck.api.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes the engine's own schemas of structural ones: what server-side apply and field ownership need to know.
 *
 * <p>Source: Kubernetes documentation, "Merge strategy" of server-side apply.
 */
public final class TypedSchemas {

    private static final Schema ANY = new ScalarSchema(ScalarSchema.Kind.ANY, "interface {}", null);
    private static final Schema STRING = new ScalarSchema(ScalarSchema.Kind.STRING, "string", null);

    private final String name;
    private final Schema metadata;

    private TypedSchemas(String name, Schema metadata) {
        this.name = name;
        this.metadata = metadata;
    }

    /**
     * @param name how the kind is called in the OpenAPI document
     * @param metadata the schema of metadata
     */
    public static ObjectSchema of(String name, JsonSchema schema, Schema metadata) {
        return new TypedSchemas(name, metadata).object(name, schema, true);
    }

    private ObjectSchema object(String path, JsonSchema schema, boolean resource) {
        ObjectSchema object = new ObjectSchema(path, schema.atomicMap(), schema.preserving());
        List<Field> fields = new ArrayList<>();
        Map<String, JsonNode> constants = new HashMap<>();
        if (resource) {
            fields.add(Field.of("apiVersion", STRING));
            fields.add(Field.of("kind", STRING));
            // Always there, as in Go: nobody owns the field itself.
            fields.add(new Field("metadata", metadata, false, true, false, false, Set.of(), null));
        }
        schema.properties().forEach((property, below) -> {
            if (!resource || !List.of("apiVersion", "kind", "metadata").contains(property)) {
                fields.add(Field.of(property, schema(path + "." + property, below)));
            }
            JsonNode value = below.defaultValue();
            if (value != null) {
                constants.put(property, value);
            }
        });
        return object.define(fields, constants);
    }

    private Schema schema(String path, @Nullable JsonSchema schema) {
        if (schema == null || schema.intOrString()) {
            return ANY;
        }
        return switch (schema.type()) {
            case "string" -> STRING;
            case "integer" -> new ScalarSchema(ScalarSchema.Kind.INT64, "int64", null);
            case "number" -> new ScalarSchema(ScalarSchema.Kind.FLOAT, "float64", null);
            case "boolean" -> new ScalarSchema(ScalarSchema.Kind.BOOL, "bool", null);
            case "array" ->
                new ListSchema(
                        schema(path + ".items", schema.items()),
                        switch (schema.listType()) {
                            case ATOMIC -> ListSchema.Type.ATOMIC;
                            case SET -> ListSchema.Type.SET;
                            case MAP -> ListSchema.Type.MAP;
                        },
                        schema.mapKeys(),
                        "[]interface {}");
            case "object" -> map(path, schema);
            default -> schema.preserving() && !schema.properties().isEmpty() ? map(path, schema) : ANY;
        };
    }

    private Schema map(String path, JsonSchema schema) {
        if (schema.embedded()) {
            return object(path, schema, true);
        }
        if (!schema.properties().isEmpty()) {
            return object(path, schema, false);
        }
        Schema values = schema.additional() == null ? ANY : schema(path + ".*", schema.additional());
        return new MapSchema(values, schema.atomicMap(), "map[string]interface {}");
    }

    @Override
    public String toString() {
        return name;
    }
}
