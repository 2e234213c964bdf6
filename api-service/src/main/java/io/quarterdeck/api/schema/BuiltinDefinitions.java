package io.quarterdeck.api.schema;

import io.quarterdeck.api.schema.ScalarSchema.Kind;
import io.quarterdeck.api.schema.WireMessage.WireField;
import io.quarterdeck.model.GroupVersionKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads the built-in schemas: structure from OpenAPI, pointers and omitempty from Go, numbers from protobuf. */
final class BuiltinDefinitions {

    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final String EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";
    private static final Map<String, Kind> SCALARS = Map.of(
            "io.k8s.apimachinery.pkg.api.resource.Quantity",
            Kind.QUANTITY,
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
            Kind.INT_OR_STRING,
            "io.k8s.apimachinery.pkg.runtime.RawExtension",
            Kind.RAW_EXTENSION,
            META + "Time",
            Kind.TIME,
            META + "MicroTime",
            Kind.MICRO_TIME,
            META + "FieldsV1",
            Kind.FIELDS_V1,
            EXTENSIONS + "JSON",
            Kind.ANY,
            EXTENSIONS + "JSONSchemaPropsOrArray",
            Kind.SCHEMA_OR_ARRAY,
            EXTENSIONS + "JSONSchemaPropsOrBool",
            Kind.SCHEMA_OR_BOOL,
            EXTENSIONS + "JSONSchemaPropsOrStringArray",
            Kind.SCHEMA_OR_STRINGS);

    /** Kinds that have no path of their own, but travel all the same; OpenAPI leaves them out. */
    private static final Map<String, String> UNLISTED = Map.of(
            META + "PartialObjectMetadata", META + "ObjectMeta",
            META + "PartialObjectMetadataList", META + "ListMeta");

    private final JsonFactory json = new JsonFactory();
    private final Map<String, ObjectSchema> objects = new LinkedHashMap<>();
    private final Map<String, Map<String, GoField>> goFields = new HashMap<>();
    private final Map<String, List<ProtoField>> messages = new HashMap<>();

    private record GoField(String type, String flags) {}

    private record ProtoField(int number, String name, String type) {}

    Map<String, ObjectSchema> read() {
        Map<String, Map<String, Object>> definitions = definitions();
        readGo();
        readProto();
        addUnlisted(definitions);
        definitions.forEach((name, definition) -> {
            if (!SCALARS.containsKey(name)) {
                objects.put(
                        name, new ObjectSchema(name, "atomic".equals(definition.get("x-kubernetes-map-type")), false));
            }
        });
        definitions.forEach((name, definition) -> {
            ObjectSchema object = objects.get(name);
            if (object != null) {
                object.define(fields(name, definition));
            }
        });
        definitions.forEach((name, definition) -> {
            ObjectSchema object = objects.get(name);
            if (object != null) {
                Map<String, Field> byWireName = new HashMap<>();
                object.fields().forEach(field -> byWireName.put(wireName(field.name()), field));
                object.bind(kinds(definition), message(messageName(name), byWireName));
            }
        });
        return objects;
    }

    private static void addUnlisted(Map<String, Map<String, Object>> definitions) {
        UNLISTED.forEach((name, metadata) -> {
            Map<String, Object> properties = new LinkedHashMap<>();
            properties.put("apiVersion", Map.of("type", "string"));
            if (name.endsWith("List")) {
                properties.put(
                        "items",
                        Map.of(
                                "type",
                                "array",
                                "items",
                                Map.of("$ref", "#/definitions/" + META + "PartialObjectMetadata")));
            }
            properties.put("kind", Map.of("type", "string"));
            properties.put("metadata", Map.of("$ref", "#/definitions/" + metadata));
            definitions.put(
                    name,
                    Map.of(
                            "properties",
                            properties,
                            "x-kubernetes-group-version-kind",
                            List.of(Map.of(
                                    "group", "meta.k8s.io", "version", "v1", "kind", name.substring(META.length())))));
        });
    }

    private List<Field> fields(String definition, Map<String, Object> value) {
        Map<String, Object> properties = object(value.get("properties"));
        List<?> required = value.get("required") instanceof List<?> list ? list : List.of();
        Map<String, GoField> go = goFields.getOrDefault(definition, Map.of());
        List<Field> fields = new ArrayList<>(properties.size());
        properties.forEach((name, property) -> {
            GoField known = go.get(name);
            String goType = known == null ? "" : known.type();
            boolean pointer = known == null || goType.startsWith("*");
            String flags = known == null ? "o" : known.flags();
            Map<String, Object> shape = object(property);
            Schema schema = schema(shape, goType.startsWith("*") ? goType.substring(1) : goType);
            fields.add(new Field(
                    name,
                    schema,
                    pointer,
                    flags.indexOf('o') >= 0,
                    flags.indexOf('z') >= 0,
                    required.contains(name),
                    shape.get("x-kubernetes-patch-strategy") instanceof String strategy
                            ? Set.of(strategy.split(","))
                            : Set.of(),
                    shape.get("x-kubernetes-patch-merge-key") instanceof String key ? key : null));
        });
        return fields;
    }

    private Schema schema(Map<String, Object> shape, String goType) {
        String shown = GoTypes.shortType(goType);
        if (shape.get("$ref") instanceof String ref) {
            String name = ref.substring("#/definitions/".length());
            Kind kind = SCALARS.get(name);
            if (kind != null) {
                return new ScalarSchema(kind, GoTypes.shortName(name), nested(kind));
            }
            ObjectSchema target = objects.get(name);
            if (target == null) {
                return new ScalarSchema(Kind.ANY, shown, null);
            }
            return switch (String.valueOf(shape.get("x-kubernetes-map-type"))) {
                case "atomic" -> target.withAtomic(true);
                case "granular" -> target.withAtomic(false);
                default -> target;
            };
        }
        Object format = shape.get("format");
        return switch (String.valueOf(shape.get("type"))) {
            case "array" ->
                new ListSchema(
                        schema(object(shape.get("items")), element(goType)),
                        switch (String.valueOf(shape.get("x-kubernetes-list-type"))) {
                            case "map" -> ListSchema.Type.MAP;
                            case "set" -> ListSchema.Type.SET;
                            default -> ListSchema.Type.ATOMIC;
                        },
                        strings(shape.get("x-kubernetes-list-map-keys")),
                        shown.isEmpty() ? "[]interface {}" : shown);
            case "object" -> {
                if (shape.get("additionalProperties") instanceof Map<?, ?> values) {
                    yield new MapSchema(
                            schema(object(values), element(goType)),
                            "atomic".equals(shape.get("x-kubernetes-map-type")),
                            shown.isEmpty() ? "map[string]interface {}" : shown);
                }
                yield new ScalarSchema(Kind.RAW_EXTENSION, shown, null);
            }
            case "integer" -> {
                Kind kind = "int64".equals(format) ? Kind.INT64 : Kind.INT32;
                yield new ScalarSchema(kind, orElse(shown, kind == Kind.INT64 ? "int64" : "int32"), null);
            }
            case "number" -> new ScalarSchema(Kind.FLOAT, orElse(shown, "float64"), null);
            case "boolean" -> new ScalarSchema(Kind.BOOL, orElse(shown, "bool"), null);
            case "string" ->
                "byte".equals(format)
                        ? new ScalarSchema(Kind.BYTES, orElse(shown, "[]uint8"), null)
                        : new ScalarSchema(Kind.STRING, orElse(shown, "string"), null);
            default -> new ScalarSchema(Kind.ANY, shown, null);
        };
    }

    private static String orElse(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }

    private @Nullable ObjectSchema nested(Kind kind) {
        return switch (kind) {
            case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> objects.get(EXTENSIONS + "JSONSchemaProps");
            default -> null;
        };
    }

    /** The Go type of what a list or map of the given Go type holds. */
    private static String element(String goType) {
        String element = goType.startsWith("[]")
                ? goType.substring(2)
                : goType.startsWith("map[") ? goType.substring(goType.indexOf(']') + 1) : "";
        return element.startsWith("*") ? element.substring(1) : element;
    }

    private WireMessage message(String name, Map<String, Field> byWireName) {
        List<WireField> fields = new ArrayList<>();
        for (ProtoField proto : messages.getOrDefault(name, List.of())) {
            Field field = byWireName.get(wireName(proto.name()));
            if (field != null) {
                fields.add(new WireField(proto.number(), field, null));
            } else {
                String embedded = proto.type().indexOf('.') < 0
                        ? name.substring(0, name.lastIndexOf('.') + 1) + proto.type()
                        : proto.type();
                if (messages.containsKey(embedded)) {
                    fields.add(new WireField(proto.number(), null, message(embedded, byWireName)));
                }
            }
        }
        return WireMessage.of(fields);
    }

    /** Field names agree between JSON and protobuf but for case and signs ({@code $ref}, {@code x-kubernetes-…}). */
    private static String wireName(String name) {
        StringBuilder letters = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            if (Character.isLetterOrDigit(name.charAt(i))) {
                letters.append(name.charAt(i));
            }
        }
        return letters.toString().toLowerCase(Locale.ROOT);
    }

    private static String messageName(String definition) {
        return definition.replaceFirst("^io\\.k8s\\.", "k8s.io.").replace('-', '_');
    }

    private static List<GroupVersionKind> kinds(Map<String, Object> definition) {
        List<GroupVersionKind> kinds = new ArrayList<>();
        if (definition.get("x-kubernetes-group-version-kind") instanceof List<?> list) {
            for (Object item : list) {
                Map<String, Object> kind = object(item);
                kinds.add(new GroupVersionKind(
                        String.valueOf(kind.get("group")),
                        String.valueOf(kind.get("version")),
                        String.valueOf(kind.get("kind"))));
            }
        }
        return kinds;
    }

    private Map<String, Map<String, Object>> definitions() {
        Map<String, Map<String, Object>> definitions = new LinkedHashMap<>();
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), ApiData.OPENAPI_V2.bytes())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean wanted = parser.currentName().equals("definitions");
                parser.nextToken();
                if (wanted) {
                    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                        String name = parser.currentName();
                        parser.nextToken();
                        definitions.put(name, object(value(parser)));
                    }
                    return definitions;
                }
                parser.skipChildren();
            }
        }
        return definitions;
    }

    private void readGo() {
        Map<String, Object> data;
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), ApiData.GO_FIELDS.bytes())) {
            parser.nextToken();
            data = object(value(parser));
        }
        Map<String, Object> named = object(data.get("named"));
        Map<String, Object> types = object(data.get("types"));
        types.keySet().forEach(type -> goFields.put(type, flatten(type, types, named)));
    }

    private static Map<String, GoField> flatten(String type, Map<String, Object> types, Map<String, Object> named) {
        Map<String, GoField> fields = new HashMap<>();
        if (!(types.get(type) instanceof List<?> list)) {
            return fields;
        }
        for (Object item : list) {
            List<?> field = (List<?>) item;
            String goType = String.valueOf(field.get(1));
            String flags = String.valueOf(field.get(2));
            if (flags.indexOf('i') >= 0) {
                fields.putAll(flatten(goType.startsWith("*") ? goType.substring(1) : goType, types, named));
            } else {
                fields.put(String.valueOf(field.get(0)), new GoField(goType, flags));
            }
        }
        return fields;
    }

    private void readProto() {
        Map<String, Object> data;
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), ApiData.PROTOBUF_FIELDS.bytes())) {
            parser.nextToken();
            data = object(object(value(parser)).get("messages"));
        }
        data.forEach((name, value) -> {
            List<ProtoField> fields = new ArrayList<>();
            for (Object item : (List<?>) value) {
                List<?> field = (List<?>) item;
                fields.add(new ProtoField(
                        ((Number) field.get(0)).intValue(),
                        String.valueOf(field.get(1)),
                        String.valueOf(field.get(2))));
            }
            messages.put(name, fields);
        });
    }

    /** Reads a value without its descriptions, which make up most of the document. */
    private static Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = parser.currentName();
                    JsonToken token = parser.nextToken();
                    if (token != JsonToken.VALUE_STRING || !name.equals("description")) {
                        object.put(name, value(parser));
                    }
                }
                yield object;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case VALUE_NUMBER_INT -> parser.getIntValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> parser.getString();
        };
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static List<String> strings(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }
}
