package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whether a schema is structural: every value has a type outside of allOf, anyOf, oneOf and not, which only restrict.
 *
 * <p>Source: KEP-1693; apiextensions, pkg/apiserver/schema/validation.
 */
public final class StructuralRules {

    private enum Level {
        ROOT,
        ITEM,
        FIELD
    }

    private static final List<String> UNSUPPORTED =
            List.of("id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions");

    private final List<FieldError> findings = new ArrayList<>();

    private StructuralRules() {}

    /** Why a schema cannot even be tried; empty when it can. */
    public static Optional<String> unsupported(ObjectNode schema) {
        for (String field : UNSUPPORTED) {
            if (schema.has(field) && !schema.path(field).isNull() && !isEmpty(schema, field)) {
                String name = field.equals("$schema") ? "schema" : field;
                return Optional.of("OpenAPIV3Schema '%s' is not supported".formatted(name));
            }
        }
        if (schema.path("x-kubernetes-preserve-unknown-fields").isBoolean()
                && !schema.path("x-kubernetes-preserve-unknown-fields").booleanValue()) {
            return Optional.of("internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined");
        }
        if (schema.path("items").isArray() && !schema.path("items").isEmpty()) {
            return Optional.of("OpenAPIV3Schema 'items' must be a schema, but is an array");
        }
        List<ObjectNode> parts = new ArrayList<>();
        SchemaParts.each(schema, (path, part) -> parts.add(part));
        return parts.stream()
                .map(StructuralRules::unsupported)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static boolean isEmpty(ObjectNode schema, String field) {
        return !field.equals("additionalItems")
                && (schema.path(field).isContainer()
                        ? schema.path(field).isEmpty()
                        : schema.path(field).asString("").isEmpty());
    }

    /** All findings, in order of their text. */
    public static List<FieldError> check(String path, JsonSchema schema) {
        StructuralRules rules = new StructuralRules();
        rules.structure(path, schema, Level.ROOT);
        rules.completeness(path, schema, path, schema);
        rules.findings.sort(Comparator.comparing(FieldError::toString));
        return rules.findings;
    }

    // ---- findings ---------------------------------------------------------------------------------------------------

    private void required(String path, String why) {
        findings.add(new FieldError(Reason.REQUIRED, path, "Required value: " + why));
    }

    private void forbidden(String path, String why) {
        findings.add(new FieldError(Reason.FORBIDDEN, path, "Forbidden: " + why));
    }

    private void invalid(String path, Object value, String why) {
        findings.add(new FieldError(Reason.INVALID, path, "Invalid value: %s: %s".formatted(Values.print(value), why)));
    }

    // ---- the rules --------------------------------------------------------------------------------------------------

    private void structure(String path, JsonSchema schema, Level level) {
        if (schema.type().equals("array") && schema.items() == null) {
            required(path + ".items", "must be specified");
        }
        if (schema.items() != null) {
            structure(path + ".items", schema.items(), Level.ITEM);
        }
        schema.properties()
                .forEach((name, property) -> structure(Paths.key(path + ".properties", name), property, Level.FIELD));
        if (schema.saysAdditional()) {
            if (level == Level.ROOT) {
                forbidden(path + ".additionalProperties", "must not be used at the root");
            }
            if (schema.additional() != null) {
                structure(path + ".additionalProperties", schema.additional(), Level.FIELD);
            }
        }
        extensions(path, schema);
        values(
                path,
                schema,
                level,
                isIntOrStringPattern(schema.anyOf()),
                !schema.allOf().isEmpty()
                        && isIntOrStringPattern(schema.allOf().getFirst().anyOf()));
        type(path, schema, level);
        header(path, schema, level);
    }

    private void extensions(String path, JsonSchema schema) {
        if (schema.intOrString() && schema.preserving()) {
            invalid(
                    path + ".x-kubernetes-preserve-unknown-fields",
                    true,
                    "must be false if x-kubernetes-int-or-string is true");
        }
        if (schema.intOrString() && schema.embedded()) {
            invalid(
                    path + ".x-kubernetes-embedded-resource",
                    true,
                    "must be false if x-kubernetes-int-or-string is true");
        }
    }

    private void type(String path, JsonSchema schema, Level level) {
        String at = path + ".type";
        if (schema.embedded() && !schema.type().equals("object")) {
            String why = "must be object if x-kubernetes-embedded-resource is true";
            if (schema.type().isEmpty()) {
                required(at, why);
            } else {
                invalid(at, schema.type(), why);
            }
        } else if (schema.type().isEmpty() && !schema.intOrString() && !schema.preserving()) {
            required(
                    at,
                    switch (level) {
                        case ROOT -> "must not be empty at the root";
                        case ITEM -> "must not be empty for specified array items";
                        case FIELD -> "must not be empty for specified object fields";
                    });
        }
        if (schema.embedded() && schema.saysAdditional()) {
            forbidden(path + ".additionalProperties", "must not be used if x-kubernetes-embedded-resource is set");
        }
        if (level == Level.ROOT && !schema.type().isEmpty() && !schema.type().equals("object")) {
            invalid(at, schema.type(), "must be object at the root");
        }
    }

    private void header(String path, JsonSchema schema, Level level) {
        boolean object = level == Level.ROOT || schema.embedded();
        for (String name : List.of("kind", "apiVersion")) {
            JsonSchema declared = schema.properties().get(name);
            if (declared != null && object && !declared.type().equals("string")) {
                invalid(Paths.key(path + ".properties", name) + ".type", declared.type(), "must be string");
            }
        }
        JsonSchema metadata = schema.properties().get("metadata");
        if (metadata != null) {
            String at = Paths.key(path + ".properties", "metadata");
            if (object && !metadata.type().equals("object")) {
                invalid(at + ".type", metadata.type(), "must be object");
            }
            if (level == Level.ROOT && !saysOnlyNames(metadata)) {
                forbidden(
                        at,
                        "must not specify anything other than name and generateName, but metadata is implicitly specified");
            }
        }
        if (schema.embedded() && !schema.preserving() && schema.properties().isEmpty()) {
            required(
                    path + ".properties",
                    "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }
    }

    private static boolean saysOnlyNames(JsonSchema metadata) {
        Set<String> said = new TreeSet<>(metadata.source().propertyNames());
        said.removeAll(List.of("type", "default", "properties"));
        return said.isEmpty()
                && List.of("name", "generateName")
                        .containsAll(metadata.properties().keySet());
    }

    /** Whether the alternatives are an integer and a string and nothing else, as int-or-string is often written. */
    static boolean isIntOrStringPattern(List<JsonSchema> alternatives) {
        return alternatives.size() == 2 && says(alternatives.get(0), "integer") && says(alternatives.get(1), "string");
    }

    private static boolean says(JsonSchema schema, String type) {
        return schema.type().equals(type) && schema.source().size() == 1;
    }

    private void values(String path, JsonSchema schema, Level level, boolean skipAnyOf, boolean skipAnyOfOfFirst) {
        if (!skipAnyOf) {
            nested(path, "anyOf", schema.anyOf(), level, false);
        }
        for (int i = 0; i < schema.allOf().size(); i++) {
            nested(Paths.index(path + ".allOf", i), schema.allOf().get(i), level, skipAnyOfOfFirst && i == 0);
        }
        nested(path, "oneOf", schema.oneOf(), level, false);
        if (schema.not() != null) {
            nested(path + ".not", schema.not(), level, false);
        }
        Pattern pattern = schema.pattern();
        if (pattern != null && pattern.compiled() == null) {
            invalid(
                    path + ".pattern",
                    pattern.expression(),
                    "must be a valid regular expression, but isn't: " + pattern.error());
        }
    }

    private void nested(String path, String word, List<JsonSchema> schemas, Level level, boolean skipAnyOf) {
        for (int i = 0; i < schemas.size(); i++) {
            nested(Paths.index(path + "." + word, i), schemas.get(i), level, skipAnyOf);
        }
    }

    private void nested(String path, JsonSchema schema, Level level, boolean skipAnyOf) {
        values(path, schema, level, skipAnyOf, false);
        if (schema.items() != null) {
            nested(path + ".items", schema.items(), level, false);
        }
        schema.properties()
                .forEach((name, property) ->
                        nested(Paths.key(path + ".properties", name), property, Level.FIELD, false));
        if (!schema.type().isEmpty()) {
            forbidden(path + ".type", "must be empty to be structural");
        }
        if (schema.saysAdditional() && !schema.forbidsAdditional()) {
            forbidden(path + ".additionalProperties", "must be undefined to be structural");
        }
        if (schema.defaultValue() != null) {
            forbidden(path + ".default", "must be undefined to be structural");
        }
        for (String word : List.of("title", "description")) {
            if (!schema.source().path(word).asString("").isEmpty()) {
                forbidden(path + "." + word, "must be empty to be structural");
            }
        }
        for (String word : List.of(
                "nullable",
                "x-kubernetes-preserve-unknown-fields",
                "x-kubernetes-embedded-resource",
                "x-kubernetes-int-or-string")) {
            if (schema.says(word)) {
                forbidden(path + "." + word, "must be false to be structural");
            }
        }
        if (!schema.mapKeys().isEmpty()) {
            forbidden(path + ".x-kubernetes-list-map-keys", "must be empty to be structural");
        }
        for (String word : List.of("x-kubernetes-list-type", "x-kubernetes-map-type")) {
            if (schema.has(word)) {
                forbidden(path + "." + word, "must be undefined to be structural");
            }
        }
        if (!schema.source().path("x-kubernetes-validations").isEmpty()) {
            forbidden(path + ".x-kubernetes-validations", "must be empty to be structural");
        }
        if (schema.properties().containsKey("metadata")) {
            forbidden(Paths.key(path + ".properties", "metadata"), "must not be specified in a nested context");
        }
    }

    /** What a combination restricts must have been declared outside of it. */
    private void completeness(String path, JsonSchema schema, String nestedPath, JsonSchema nested) {
        combinations(nested).forEach((step, part) -> restricted(path, schema, nestedPath + step, part));
    }

    private static Map<String, JsonSchema> combinations(JsonSchema schema) {
        Map<String, JsonSchema> parts = new LinkedHashMap<>();
        if (schema.not() != null) {
            parts.put(".not", schema.not());
        }
        Map.of("allOf", schema.allOf(), "anyOf", schema.anyOf(), "oneOf", schema.oneOf())
                .forEach((word, list) -> {
                    for (int i = 0; i < list.size(); i++) {
                        parts.put(Paths.index("." + word, i), list.get(i));
                    }
                });
        return parts;
    }

    private void restricted(String path, @Nullable JsonSchema schema, String nestedPath, JsonSchema nested) {
        if (schema == null) {
            required(path, "because it is defined in " + nestedPath);
            return;
        }
        completeness(path, schema, nestedPath, nested);
        if (nested.items() != null) {
            restricted(path + ".items", schema.items(), nestedPath + ".items", nested.items());
        }
        nested.properties()
                .forEach((name, property) -> restricted(
                        Paths.key(path + ".properties", name),
                        schema.properties().get(name),
                        Paths.key(nestedPath + ".properties", name),
                        property));
    }
}
