package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Default values must be legal values that know no unknown fields. Source: apiextensions, schema/defaulting/validation. */
public final class DefaultRules {

    private static final Set<String> HEADER = Set.of("apiVersion", "kind", "metadata");

    /** What else must hold of a default: the schema's own rules. */
    @FunctionalInterface
    public interface More {
        List<FieldError> check(String path, JsonNode value, JsonSchema schema, boolean root);
    }

    private final EmbeddedObjects.MetadataReader reader;
    private final boolean pruned;
    private final More more;
    private final List<FieldError> findings = new ArrayList<>();

    private DefaultRules(EmbeddedObjects.MetadataReader reader, boolean pruned, More more) {
        this.reader = reader;
        this.pruned = pruned;
        this.more = more;
    }

    /**
     * @param path of the schema
     * @param pruned whether unknown fields in defaults are refused
     */
    public static List<FieldError> check(
            String path, JsonSchema schema, EmbeddedObjects.MetadataReader reader, boolean pruned, More more) {
        DefaultRules rules = new DefaultRules(reader, pruned, more);
        rules.schema(path, schema, true, false);
        return rules.findings;
    }

    private void schema(String path, JsonSchema schema, boolean resource, boolean insideMetadata) {
        JsonNode value = schema.defaultValue();
        if (value != null) {
            value(path + ".default", value, schema, resource, insideMetadata);
        }
        if (schema.items() != null) {
            schema(path + ".items", schema.items(), schema.items().embedded(), insideMetadata);
        }
        schema.properties()
                .forEach((name, property) -> schema(
                        Paths.key(path + ".properties", name),
                        property,
                        property.embedded(),
                        !property.embedded() && (insideMetadata || resource && HEADER.contains(name))));
    }

    private void value(String path, JsonNode value, JsonSchema schema, boolean resource, boolean insideMetadata) {
        if (!insideMetadata) {
            JsonNode copy = value.deepCopy();
            Pruning.prune(copy, schema, schema.embedded());
            if (pruned && !copy.equals(value)) {
                findings.add(new FieldError(
                        Reason.INVALID,
                        path,
                        "Invalid value: %s: must not have unknown fields".formatted(Values.print(value))));
            }
            try {
                if (value.deepCopy() instanceof ObjectNode object) {
                    EmbeddedObjects.coerce(object, schema, reader, false);
                }
            } catch (EmbeddedObjects.Misread misread) {
                findings.add(new FieldError(Reason.INVALID, path, String.valueOf(misread.getMessage())));
                return;
            }
            List<FieldError> embedded = EmbeddedObjects.check(path, value, schema, resource);
            if (!embedded.isEmpty()) {
                findings.addAll(embedded);
                return;
            }
        }
        List<FieldError> values = ValueRules.check(path, value, null, schema);
        findings.addAll(values.isEmpty() ? more.check(path, value, schema, resource) : values);
    }
}
