package io.quarterdeck.api.discovery.openapi;

import io.quarterdeck.api.schema.ApiData;
import io.quarterdeck.api.schema.CanonicalJson;
import io.quarterdeck.api.schema.Json;
import java.lang.ref.SoftReference;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The OpenAPI documents of a set of group versions. Made when first asked for, and again when memory ran short between
 * two requests; equal sets give equal bytes. Immutable, thread-safe.
 */
public final class OpenApiDocuments {

    private static final String DEFINITION = "#/definitions/";

    private static final String PARAMETER = "#/parameters/";

    private static final String KINDS = "x-kubernetes-group-version-kind";

    /** Types that every group has as kinds of its own. */
    private static final List<String> SHARED = List.of(
            "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions", "io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent");

    /** Groups whose kinds upstream's builder of custom documents does not know. */
    private static final List<String> APART =
            List.of("admission.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "imagepolicy.k8s.io");

    private final Predicate<String> served;
    private final String version;
    private final @Nullable OpenApiDocuments base;
    private final List<Addition> additions;
    private final Set<String> added;
    private final Map<String, SoftReference<OpenApiDocument>> cache = new ConcurrentHashMap<>();
    private volatile @Nullable Map<String, String> hashes;
    private volatile @Nullable Set<String> names;
    private SoftReference<ObjectNode> source = new SoftReference<>(null);

    /**
     * @param bytes JSON
     * @param hash of the bytes, in hexadecimal: what the index's {@code hash} parameter and the ETag hold
     */
    public record OpenApiDocument(byte[] bytes, String hash) {

        public static OpenApiDocument of(JsonNode tree) {
            return of(CanonicalJson.bytes(tree));
        }

        static OpenApiDocument of(byte[] bytes) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-512").digest(bytes);
                return new OpenApiDocument(bytes, HexFormat.of().withUpperCase().formatHex(digest));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-512", e);
            }
        }

        /** An OpenAPI v2 document in gnostic's protobuf. */
        public OpenApiDocument protobuf() {
            return of(OpenApiV2Protobuf.document(Json.tree(bytes)));
        }

        public String etag() {
            return '"' + hash + '"';
        }
    }

    /**
     * What the server serves beyond the built-in kinds, in the form of OpenAPI v2.
     *
     * @param definitions schemas by name, with what only v3 can say
     * @param simple the same for v2
     * @param paths operations by path
     */
    record Addition(ObjectNode definitions, ObjectNode simple, ObjectNode paths) {}

    /**
     * @param served tells by {@code v1} or {@code group/version} whether a built-in group version is served
     * @param version the server's version
     */
    public OpenApiDocuments(Predicate<String> served, String version) {
        this(served, version, null, List.of());
    }

    private OpenApiDocuments(
            Predicate<String> served, String version, @Nullable OpenApiDocuments base, List<Addition> additions) {
        this.served = served;
        this.version = version;
        this.base = base;
        this.additions = List.copyOf(additions);
        this.added = additions.stream()
                .flatMap(addition -> addition.paths().propertyNames().stream())
                .map(OpenApiDocuments::group)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The same with these additions; what they do not touch is made only once. */
    OpenApiDocuments with(List<Addition> extra) {
        return new OpenApiDocuments(served, version, this, extra);
    }

    /** What a custom kind adds. */
    Addition addition(CustomKind kind) {
        return new Addition(
                new CustomKindSchema(kind, allDefinitions(), false).definitions(),
                new CustomKindSchema(kind, allDefinitions(), true).definitions(),
                new CustomKindPaths(kind, source().path("paths")).paths());
    }

    /** {@code /openapi/v2}. */
    public OpenApiDocument v2() {
        return cached("v2", () -> {
            ObjectNode whole = source();
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.set("swagger", whole.path("swagger"));
            document.putObject("info").put("title", "Kubernetes").put("version", version);
            ObjectNode paths = document.putObject("paths");
            whole.path("paths").properties().forEach(entry -> {
                if (isServed(entry.getKey())) {
                    paths.set(entry.getKey(), entry.getValue());
                }
            });
            document.set("definitions", SchemaClosure.of(paths, whole.path("parameters"), simpleDefinitions()));
            document.set("parameters", whole.path("parameters"));
            document.set("securityDefinitions", whole.path("securityDefinitions"));
            document.set("security", whole.path("security"));
            return document;
        });
    }

    /** {@code /openapi/v3}: where each document is, with its hash. */
    public OpenApiDocument v3Index() {
        return cached("v3", () -> {
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            ObjectNode paths = document.putObject("paths");
            hashes().forEach((path, hash) ->
                    paths.putObject(path).put("serverRelativeURL", "/openapi/v3/%s?hash=%s".formatted(path, hash)));
            return document;
        });
    }

    /** {@code /openapi/v3/<path>}; path is for example {@code apis/apps/v1}. Empty for paths outside the index. */
    public Optional<OpenApiDocument> v3(String path) {
        if (base != null && !added.contains(path)) {
            return base.v3(path);
        }
        return names().contains(path) ? Optional.of(cached("v3/" + path, () -> build(path))) : Optional.empty();
    }

    private Map<String, String> hashes() {
        Map<String, String> known = hashes;
        if (known == null) {
            Map<String, String> made = new TreeMap<>(base == null ? Map.of() : base.hashes());
            (base == null ? names() : added)
                    .forEach(path -> v3(path).ifPresent(document -> made.put(path, document.hash())));
            hashes = made;
            known = made;
        }
        return known;
    }

    private Set<String> names() {
        Set<String> known = names;
        if (known == null) {
            Set<String> all = new HashSet<>(base == null ? groups().keySet() : base.names());
            all.addAll(added);
            known = Set.copyOf(all);
            names = known;
        }
        return known;
    }

    private ObjectNode build(String path) {
        ObjectNode paths = JsonNodeFactory.instance.objectNode();
        groups().getOrDefault(path, List.of()).forEach(entry -> paths.set(entry.getKey(), entry.getValue()));
        boolean custom = added.contains(path);
        ObjectNode document = new OpenApiV3(
                        source().path("parameters"),
                        custom ? "Kubernetes CRD Swagger" : "Kubernetes",
                        custom ? "v0.1.0" : version)
                .document(paths, components(path, paths));
        if (custom && document.get("components") instanceof ObjectNode components) {
            components.remove("securitySchemes");
        }
        return document;
    }

    /** What the operations of a document need; types of several groups are named as this one's, and as the core's. */
    private ObjectNode components(String document, ObjectNode paths) {
        ObjectNode components = SchemaClosure.of(paths, source().path("parameters"), allDefinitions());
        for (String name : SHARED) {
            JsonNode definition = components.get(name);
            if (definition != null) {
                components.set(name, named(definition, document));
            }
        }
        return components;
    }

    private JsonNode named(JsonNode definition, String document) {
        boolean custom = added.contains(document);
        ObjectNode narrowed = ((ObjectNode) definition).objectNode().setAll((ObjectNode) definition);
        ArrayNode kinds = narrowed.putArray(KINDS);
        for (JsonNode kind : definition.path(KINDS)) {
            String group = kind.path("group").asString("");
            String version = kind.path("version").asString("");
            boolean own = group.isEmpty() && version.equals("v1") || document.equals("apis/" + group + "/" + version);
            if (custom ? !APART.contains(group) : own) {
                kinds.add(kind);
            }
        }
        return narrowed;
    }

    /** All served operations, by the document that they belong to. */
    private Map<String, List<Map.Entry<String, JsonNode>>> groups() {
        Map<String, List<Map.Entry<String, JsonNode>>> groups = new TreeMap<>();
        source().path("paths").properties().forEach(entry -> {
            if (isServed(entry.getKey())) {
                groups.computeIfAbsent(group(entry.getKey()), key -> new ArrayList<>())
                        .add(entry);
            }
        });
        return groups;
    }

    private static String group(String path) {
        String[] steps = path.substring(1).split("/");
        int length = switch (steps[0]) {
            case "api" -> 2;
            case "apis" -> 3;
            case "logs" -> 1;
            default -> steps.length;
        };
        return String.join("/", List.of(steps).subList(0, Math.min(length, steps.length)));
    }

    private boolean isServed(String path) {
        String[] steps = path.split("/");
        if (steps.length < 3) {
            return true;
        }
        return switch (steps[1]) {
            case "api" -> served.test(steps[2]);
            case "apis" ->
                steps.length > 3 && !steps[3].isEmpty()
                        ? served.test(steps[2] + "/" + steps[3]) || isAdded(path)
                        : source().path("paths").propertyNames().stream()
                                .anyMatch(other ->
                                        other.startsWith("/apis/" + steps[2] + "/v") && isServedVersion(other));
            default -> true;
        };
    }

    private boolean isServedVersion(String path) {
        String[] steps = path.split("/");
        return served.test(steps[2] + "/" + steps[3]) || isAdded(path);
    }

    private boolean isAdded(String path) {
        return additions.stream().anyMatch(addition -> addition.paths().has(path));
    }

    private ObjectNode allDefinitions() {
        return (ObjectNode) source().path("definitions");
    }

    private ObjectNode simpleDefinitions() {
        ObjectNode definitions = JsonNodeFactory.instance.objectNode();
        definitions.setAll(allDefinitions());
        additions.forEach(addition -> definitions.setAll(addition.simple()));
        return definitions;
    }

    /** The whole document as it was published, with the additions, and without what is off by default. */
    private synchronized ObjectNode source() {
        ObjectNode known = source.get();
        if (known == null) {
            known = base == null ? published() : extended(base.source());
            source = new SoftReference<>(known);
        }
        return known;
    }

    private static ObjectNode published() {
        ObjectNode whole = (ObjectNode) Json.tree(ApiData.OPENAPI_V2.bytes());
        dropCbor(whole.path("paths"));
        addEnums((ObjectNode) whole.path("definitions"));
        return whole;
    }

    private ObjectNode extended(ObjectNode whole) {
        ObjectNode extended = JsonNodeFactory.instance.objectNode();
        extended.setAll(whole);
        ObjectNode definitions = extended.putObject("definitions").setAll((ObjectNode) whole.path("definitions"));
        ObjectNode paths = extended.putObject("paths").setAll((ObjectNode) whole.path("paths"));
        for (Addition addition : additions) {
            definitions.setAll(addition.definitions());
            paths.setAll(addition.paths());
        }
        return extended;
    }

    /** The published document leaves out which values a string may have; a server names them, and says so in words. */
    private static void addEnums(ObjectNode definitions) {
        Json.tree(ApiData.ENUMS.bytes()).properties().forEach(entry -> {
            if (definitions.at("/" + entry.getKey()) instanceof ObjectNode schema) {
                schema.set("enum", entry.getValue().path("values"));
                String words = entry.getValue().path("text").asString("");
                String text = schema.path("description").asString("") + words;
                if (!text.isEmpty()) {
                    schema.put("description", text);
                }
            }
        });
    }

    private static void dropCbor(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (String list : new String[] {"consumes", "produces"}) {
                if (object.get(list) instanceof ArrayNode types) {
                    types.removeIf(type -> type.asString("").contains("cbor"));
                }
            }
            object.forEach(OpenApiDocuments::dropCbor);
        }
    }

    private OpenApiDocument cached(String key, Supplier<JsonNode> maker) {
        SoftReference<OpenApiDocument> reference = cache.get(key);
        OpenApiDocument known = reference == null ? null : reference.get();
        if (known == null) {
            known = OpenApiDocument.of(maker.get());
            cache.put(key, new SoftReference<>(known));
        }
        return known;
    }

    static String parameterName(String ref) {
        return ref.startsWith(PARAMETER) ? ref.substring(PARAMETER.length()) : "";
    }

    static String definitionName(String ref) {
        return ref.startsWith(DEFINITION) ? ref.substring(DEFINITION.length()) : "";
    }
}
