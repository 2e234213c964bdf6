package io.quarterdeck.api.kinds.apiextensions;

import io.quarterdeck.api.customresources.schema.DefaultRules;
import io.quarterdeck.api.customresources.schema.EmbeddedObjects;
import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.customresources.schema.Pruning;
import io.quarterdeck.api.customresources.schema.SchemaParts;
import io.quarterdeck.api.customresources.schema.SchemaPath;
import io.quarterdeck.api.customresources.schema.StructuralRules;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindPart;
import io.quarterdeck.api.schema.SchemaCatalog;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What holds for the schema of a version: it is structural, its defaults are legal, its lists and maps can be merged, its
 * expressions compile and are cheap enough. What stood in the definition before these rules did may stay.
 *
 * <p>Source: apiextensions, ValidateCustomResourceDefinitionOpenAPISchema.
 */
@Component
final class SchemaRules implements KindPart {

    private static final List<String> TYPES = List.of("array", "boolean", "integer", "number", "object", "string");
    private static final Set<String> HEADER = Set.of("apiVersion", "kind", "metadata");
    private static final List<String> ALLOWED_AT_ROOT = List.of(
            "Description",
            "Type",
            "Format",
            "Title",
            "Maximum",
            "ExclusiveMaximum",
            "Minimum",
            "ExclusiveMinimum",
            "MaxLength",
            "MinLength",
            "Pattern",
            "MaxItems",
            "MinItems",
            "UniqueItems",
            "MultipleOf",
            "Required",
            "Items",
            "Properties",
            "ExternalDocs",
            "Example",
            "XPreserveUnknownFields",
            "XValidations");

    private final SchemaCodec codec;
    private final RuleCompiler compiler;

    SchemaRules(SchemaCodec codec, RuleCompiler compiler) {
        this.codec = codec;
        this.compiler = compiler;
    }

    /**
     * Which rules hold: those that the definition respected before.
     *
     * @param cheap whether a single expression may cost no more than its share
     */
    record Options(
            boolean requireSchema,
            boolean structural,
            boolean types,
            boolean prunedDefaults,
            boolean atomicSets,
            boolean mapKeys,
            Set<String> unchanged,
            Set<String> manyFields,
            boolean cheap) {

        /** @param oldSpec the internal form of the old spec */
        static Options of(Document next, @Nullable Document old, @Nullable ObjectNode oldSpec) {
            if (old == null || oldSpec == null) {
                return new Options(true, true, true, true, true, true, Set.of(), Set.of(), true);
            }
            Set<String> unchanged = new TreeSet<>();
            Set<String> many = new TreeSet<>();
            boolean schemas = true;
            for (JsonNode before : old.items("spec.versions")) {
                schemas &= before.path("schema").path("openAPIV3Schema").isObject();
                for (JsonNode now : next.items("spec.versions")) {
                    if (now.path("name").equals(before.path("name"))) {
                        String name = now.path("name").asString("");
                        if (now.path("schema").equals(before.path("schema"))) {
                            unchanged.add(name);
                        }
                        if (before.path("selectableFields").size() > 8
                                && now.path("selectableFields").equals(before.path("selectableFields"))) {
                            many.add(name);
                            many.add("");
                        }
                    }
                }
            }
            return new Options(
                    schemas,
                    !DefinitionRules.anyNonStructural(oldSpec),
                    !DefinitionRules.anySchema(oldSpec, schema -> {
                        String type = schema.path("type").asString("");
                        return !type.isEmpty() && !TYPES.contains(type);
                    }),
                    !DefinitionRules.anySchema(oldSpec, SchemaRules::hasUnprunedDefault),
                    !DefinitionRules.anySchema(oldSpec, SchemaRules::isSetOfGranular),
                    !DefinitionRules.anySchema(
                            oldSpec, schema -> !mapKeyProblems("", schema).isEmpty()),
                    unchanged,
                    many,
                    true);
        }

        Options version(String name) {
            return new Options(
                    requireSchema,
                    structural,
                    types,
                    prunedDefaults,
                    atomicSets,
                    mapKeys,
                    unchanged,
                    manyFields,
                    !unchanged.contains(name));
        }

        boolean keepsTooManyFields(String version) {
            return manyFields.contains(version);
        }
    }

    private static boolean hasUnprunedDefault(ObjectNode schema) {
        if (!schema.has("default") || StructuralRules.unsupported(schema).isPresent()) {
            return false;
        }
        JsonNode value = schema.path("default").deepCopy();
        return value instanceof ObjectNode object
                && !Pruning.prune(object, JsonSchema.of(schema)).isEmpty();
    }

    /** @param validation the field that holds {@code openAPIV3Schema} */
    void check(Field validation, boolean statusApart, Options options) {
        Field field = validation.at("openAPIV3Schema");
        if (!(field.node() instanceof ObjectNode schema)) {
            return;
        }
        List<FieldError> findings = new ArrayList<>();
        Field root = Field.root(new Document(schema), null, findings).as(field.path());
        if (statusApart) {
            rootOfStatus(root, schema);
        }
        if (schema.path("nullable").asBoolean(false)) {
            at(root, "nullable").forbidden("nullable cannot be true at the root");
        }
        boolean structural =
                options.structural() || !DefinitionRules.anySchema(wrapped(schema), SchemaRules::needsStructure);
        String unsupported = "";
        RuleCompiler.Scope scope = null;
        if (structural) {
            Optional<String> why = StructuralRules.unsupported(schema);
            if (why.isPresent()) {
                unsupported = why.get();
            } else {
                JsonSchema read = JsonSchema.of(schema);
                List<FieldError> found = StructuralRules.check(field.path(), read);
                if (found.isEmpty()) {
                    found = DefaultRules.check(
                            field.path(), read, this::metadata, options.prunedDefaults(), compiler::checkDefault);
                }
                findings.addAll(found);
                if (found.isEmpty()) {
                    scope = compiler.root(schema);
                }
            }
        }
        Walk walk = new Walk(options);
        walk.schema(field.path(), schema, Place.ROOT, scope);
        findings.addAll(walk.findings);
        findings.addAll(walk.expressionFindings);
        if (findings.isEmpty() && !unsupported.isEmpty()) {
            root.invalidValue("", unsupported);
        }
        if (scope != null) {
            findings.addAll(scope.total(field.path()));
        }
        validation.findings().addAll(findings);
    }

    private static ObjectNode wrapped(ObjectNode schema) {
        ObjectNode spec = Document.empty().tree();
        spec.putObject("validation").set("openAPIV3Schema", schema);
        return spec;
    }

    private static boolean needsStructure(ObjectNode schema) {
        return schema.has("default")
                || schema.propertyNames().stream().anyMatch(name -> name.startsWith("x-kubernetes-"));
    }

    private ObjectNode metadata(JsonNode metadata, Consumer<String> findings) {
        try {
            return codec.part(
                    metadata,
                    SchemaCatalog.builtin()
                            .definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
                            .orElseThrow(),
                    findings);
        } catch (IllegalArgumentException unreadable) {
            throw new EmbeddedObjects.Misread(String.valueOf(unreadable.getMessage()));
        }
    }

    private static Field at(Field field, String name) {
        return field.at(name).as(field.path() + "." + name);
    }

    /** Where the status is judged by its own schema, the root may say nothing that would be lost. */
    private static void rootOfStatus(Field root, ObjectNode schema) {
        for (String field : schema.propertyNames()) {
            if (field.equals("type")) {
                if (!schema.path("type").asString("").equals("object")) {
                    at(root, "type")
                            .invalid(
                                    "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
                    return;
                }
            } else if (!ALLOWED_AT_ROOT.contains(goName(field))) {
                root.invalid("only %s fields are allowed at the root of the schema if the status subresource is enabled"
                        .formatted("[" + String.join(" ", ALLOWED_AT_ROOT) + "]"));
                return;
            }
        }
    }

    private static String goName(String field) {
        if (!field.startsWith("x-kubernetes-")) {
            return field.substring(0, 1).toUpperCase(Locale.ROOT) + field.substring(1);
        }
        StringBuilder name = new StringBuilder("X");
        for (String word : field.substring("x-kubernetes-".length()).split("-")) {
            name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
        }
        return name.toString();
    }

    private static boolean isSetOfGranular(ObjectNode schema) {
        JsonNode items = schema.path("items");
        return schema.path("x-kubernetes-list-type").asString("").equals("set")
                && switch (items.path("type").asString("")) {
                    case "array" ->
                        items.has("x-kubernetes-list-type")
                                && !items.path("x-kubernetes-list-type")
                                        .asString("")
                                        .equals("atomic");
                    case "object" ->
                        !items.path("x-kubernetes-map-type").asString("").equals("atomic");
                    default -> false;
                };
    }

    private static List<FieldError> mapKeyProblems(String path, ObjectNode schema) {
        List<FieldError> findings = new ArrayList<>();
        String type = schema.path("x-kubernetes-list-type").asString("");
        if (!(schema.get("items") instanceof ObjectNode items) || !type.equals("set") && !type.equals("map")) {
            return findings;
        }
        Field field = Field.root(new Document(items), null, findings).as(path + ".items");
        if (items.path("nullable").asBoolean(false)) {
            at(field, "nullable").forbidden("cannot be nullable when x-kubernetes-list-type is " + type);
        }
        if (type.equals("map")) {
            Set<String> required = new HashSet<>();
            items.path("required").forEach(name -> required.add(name.asString("")));
            for (JsonNode key : schema.path("x-kubernetes-list-map-keys")) {
                String name = key.asString("");
                JsonNode property = items.path("properties").path(name);
                if (property.isMissingNode()) {
                    continue;
                }
                Field at = field.as(path + ".items.properties[" + name + "]");
                if (!required.contains(name) && !property.has("default")) {
                    at(at, "default")
                            .required(
                                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
                }
                if (property.path("nullable").asBoolean(false)) {
                    at(at, "nullable")
                            .forbidden("this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
                }
            }
        }
        return findings;
    }

    /**
     * Where a schema stands.
     *
     * @param noDefaults why defaults are forbidden here; empty when they are not
     * @param metadata whether inside of an object's header
     * @param uncorrelated the place from which on old values cannot be told; empty when they can
     */
    private record Place(boolean root, String noDefaults, boolean metadata, String uncorrelated) {

        static final Place ROOT = new Place(true, "", false, "");

        Place below() {
            return new Place(false, noDefaults, metadata, uncorrelated);
        }

        Place without(String why) {
            return new Place(false, why, metadata, uncorrelated);
        }

        Place header() {
            return new Place(false, noDefaults, true, uncorrelated);
        }

        Place apart(String path) {
            return new Place(false, noDefaults, metadata, uncorrelated.isEmpty() ? path : uncorrelated);
        }
    }

    /** One walk over a schema; findings about expressions are told behind the others. */
    private final class Walk {
        private final Options options;
        private List<FieldError> findings = new ArrayList<>();
        private final List<FieldError> expressionFindings = new ArrayList<>();

        Walk(Options options) {
            this.options = options;
        }

        void schema(String path, ObjectNode schema, Place place, RuleCompiler.@Nullable Scope scope) {
            List<FieldError> outer = findings;
            findings = new ArrayList<>();
            Field field = Field.root(new Document(schema), null, findings).as(path);
            words(field, schema, place);
            if (schema.path("uniqueItems").asBoolean(false)) {
                at(field, "uniqueItems")
                        .forbidden("uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
            }
            additional(path, schema, place, scope, field);
            properties(path, schema, place, scope);
            SchemaParts.each(schema, (step, part) -> {
                if (!step.startsWith("properties[")
                        && !step.startsWith("items")
                        && !step.startsWith("additional")
                        && !step.startsWith("patternProperties")) {
                    schema(path + "." + step, part, place.below(), null);
                }
            });
            items(path, schema, place, scope);
            extensions(field, schema);
            if (options.mapKeys()) {
                findings.addAll(mapKeyProblems(path, schema));
            }
            rules(field, schema, place, scope);
            outer.addAll(findings);
            findings = outer;
        }

        private void words(Field field, ObjectNode schema, Place place) {
            Field type = at(field, "type");
            if (options.types() && !type.empty() && !TYPES.contains(type.text())) {
                type.unsupported(TYPES);
            }
            if (at(field, "default").present() && !place.noDefaults().isEmpty()) {
                at(field, "default").forbidden("must not be set " + place.noDefaults());
            }
            for (String word :
                    List.of("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")) {
                Field at = at(field, word);
                boolean said = word.equals("id") || word.endsWith("roperties") || word.equals("definitions")
                        ? !at.empty()
                        : at.present();
                if (said) {
                    at.forbidden(word + " is not supported");
                }
            }
            if (type.is("null")) {
                type.forbidden("type cannot be set to null, use nullable as an alternative");
            }
            if (schema.path("items").isArray() && !schema.path("items").isEmpty()) {
                at(field, "items").forbidden("items must be a schema object and not an array");
            }
            if (place.metadata()
                    && schema.path("x-kubernetes-embedded-resource").asBoolean(false)) {
                at(field, "x-kubernetes-embedded-resource").forbidden("must not be used inside of resource meta");
            }
        }

        private void additional(
                String path, ObjectNode schema, Place place, RuleCompiler.@Nullable Scope scope, Field field) {
            JsonNode additional = schema.path("additionalProperties");
            if (additional.isMissingNode() || additional.isNull()) {
                return;
            }
            if (!schema.path("properties").isEmpty() && !(additional.isBoolean() && additional.booleanValue())) {
                at(field, "additionalProperties").forbidden("additionalProperties and properties are mutual exclusive");
            }
            if (additional instanceof ObjectNode values) {
                schema(
                        path + ".additionalProperties",
                        values,
                        place.metadata()
                                ? place.without("inside additionalProperties applying to object metadata")
                                : place.below(),
                        scope == null ? null : scope.below(values));
            }
        }

        private void properties(String path, ObjectNode schema, Place place, RuleCompiler.@Nullable Scope scope) {
            boolean object = place.root()
                    || schema.path("x-kubernetes-embedded-resource").asBoolean(false);
            Map<String, ObjectNode> properties = new TreeMap<>();
            schema.path("properties").properties().forEach(entry -> {
                if (entry.getValue() instanceof ObjectNode property) {
                    properties.put(entry.getKey(), property);
                }
            });
            properties.forEach((name, property) -> {
                Place below = place.below();
                if (object && HEADER.contains(name)) {
                    below = below.header();
                    if (place.root()) {
                        below = below.without("in top-level " + name);
                    }
                }
                schema(
                        path + ".properties[" + name + "]",
                        property,
                        below,
                        scope == null ? null : scope.below(property));
            });
        }

        private void items(String path, ObjectNode schema, Place place, RuleCompiler.@Nullable Scope scope) {
            JsonNode items = schema.path("items");
            Place below = schema.path("x-kubernetes-list-type").asString("").equals("map")
                    ? place.below()
                    : place.apart(path);
            if (items instanceof ObjectNode item) {
                schema(path + ".items", item, below, scope == null ? null : scope.below(item));
            } else if (items.isArray()) {
                for (int i = 0; i < items.size(); i++) {
                    if (items.get(i) instanceof ObjectNode item) {
                        schema(path + ".items[" + i + "]", item, below, null);
                    }
                }
            }
        }

        private void extensions(Field field, ObjectNode schema) {
            Field preserving = at(field, "x-kubernetes-preserve-unknown-fields");
            if (preserving.present() && !preserving.flag()) {
                preserving.invalid("must be true or undefined");
            }
            Field type = at(field, "type");
            Field mapType = at(field, "x-kubernetes-map-type");
            if (mapType.present()) {
                mustBe(type, "object", "must be object if x-kubernetes-map-type is specified");
                mapType.oneOf("atomic", "granular");
            }
            Field listType = at(field, "x-kubernetes-list-type");
            if (listType.present() && !type.is("array")) {
                mustBe(type, "array", "must be array if x-kubernetes-list-type is specified");
            } else if (options.atomicSets() && isSetOfGranular(schema)) {
                boolean list = schema.path("items").path("type").asString("").equals("array");
                Field items = field.as(
                        field.path() + ".items." + (list ? "x-kubernetes-list-type" : "x-kubernetes-map-type"));
                // Upstream prints the list type of the items in both cases.
                JsonNode shown = schema.path("items").path("x-kubernetes-list-type");
                items.invalidValue(
                        shown.isMissingNode() ? null : shown,
                        "must be atomic as item of a list with x-kubernetes-list-type=set");
            }
            if (listType.present()) {
                listType.oneOf("atomic", "set", "map");
            }
            mapKeys(field, schema, listType);
        }

        private static void mustBe(Field type, String expected, String why) {
            if (type.empty()) {
                type.required(why);
            } else if (!type.is(expected)) {
                type.invalid(why);
            }
        }

        private void mapKeys(Field field, ObjectNode schema, Field listType) {
            Field keys = at(field, "x-kubernetes-list-map-keys");
            if (!keys.items().isEmpty() && !listType.is("map")) {
                String why = "must be map if x-kubernetes-list-map-keys is non-empty";
                if (listType.present()) {
                    listType.invalid(why);
                } else {
                    listType.required(why);
                }
            }
            if (!listType.is("map")) {
                return;
            }
            if (keys.items().isEmpty()) {
                keys.required("must not be empty if x-kubernetes-list-type is map");
            }
            Field items = at(field, "items");
            if (!items.present()) {
                items.required("must have a schema if x-kubernetes-list-type is map");
                return;
            }
            if (!(items.node() instanceof ObjectNode item)) {
                items.invalid("must only have a single schema if x-kubernetes-list-type is map");
                return;
            }
            Field type = items.at("type").as(items.path() + ".type");
            if (!type.is("object")) {
                type.invalidValue(type.text(), "must be object if parent array's x-kubernetes-list-type is map");
                return;
            }
            Set<String> seen = new HashSet<>();
            for (Field key : keys.items()) {
                JsonNode property = item.path("properties").path(key.text());
                if (property.isMissingNode()) {
                    keys.invalid("entries must all be names of item properties");
                } else if (List.of("array", "object")
                        .contains(property.path("type").asString(""))) {
                    field.as(items.path() + ".properties[" + key.text() + "].type")
                            .invalidValue(
                                    "object", "must be a scalar type if parent array's x-kubernetes-list-type is map");
                }
                if (!seen.add(key.text())) {
                    keys.invalid("must not contain duplicate entries");
                }
            }
        }

        private void rules(Field field, ObjectNode schema, Place place, RuleCompiler.@Nullable Scope scope) {
            Field rules = at(field, "x-kubernetes-validations");
            for (Field rule : rules.items()) {
                rule(rule, schema);
            }
            if (!rules.items().isEmpty() && findings.isEmpty() && scope != null) {
                expressionFindings.addAll(scope.compile(rules.path(), options.cheap(), place.uncorrelated()));
            }
        }

        private void rule(Field rule, ObjectNode schema) {
            Field expression = rule.at("rule");
            Field message = rule.at("message");
            boolean noMessage = message.text().isBlank();
            if (expression.text().isBlank()) {
                expression.required("rule is not specified");
            } else if (!message.text().isEmpty() && noMessage) {
                message.invalid("must be non-empty if specified");
            } else if (hasNewline(message.text().strip())) {
                message.invalid("must not contain line breaks");
            } else if (hasNewline(expression.text().strip()) && noMessage) {
                message.required("message must be specified if rule contains line breaks");
            }
            Field messageExpression = rule.at("messageExpression");
            if (!messageExpression.text().isEmpty() && messageExpression.text().isBlank()) {
                messageExpression.required("messageExpression must be non-empty if specified");
            }
            if (rule.at("reason").present()) {
                rule.at("reason")
                        .oneOf("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");
            }
            Field path = rule.at("fieldPath");
            if (!path.text().isEmpty() && path.text().isBlank()) {
                path.invalid("must be non-empty if specified");
            }
            if (hasNewline(path.text())) {
                path.invalid("must not contain line breaks");
            }
            if (!path.text().isEmpty()
                    && StructuralRules.unsupported(schema).isEmpty()
                    && !SchemaPath.find(path.text(), schema, true).error().isEmpty()) {
                path.invalid("must be a valid path");
            }
        }

        private static boolean hasNewline(String text) {
            return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
        }
    }

    /** A rule as Go prints the internal type. */
    static Values.Raw printed(JsonNode rule) {
        return new Values.Raw(
                "{\"Rule\":%s,\"Message\":%s,\"MessageExpression\":%s,\"Reason\":%s,\"FieldPath\":%s,\"OptionalOldSelf\":%s}"
                        .formatted(
                                text(rule, "rule"),
                                text(rule, "message"),
                                text(rule, "messageExpression"),
                                rule.has("reason") ? Values.json(rule.path("reason")) : "null",
                                text(rule, "fieldPath"),
                                rule.has("optionalOldSelf") ? Values.json(rule.path("optionalOldSelf")) : "null"));
    }

    private static String text(JsonNode rule, String field) {
        return rule.has(field) ? Values.json(rule.path(field)) : "\"\"";
    }
}
