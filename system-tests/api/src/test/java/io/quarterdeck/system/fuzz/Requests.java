package io.quarterdeck.system.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes requests to what the server publishes: each right in most respects and wrong in one or some. */
final class Requests {
    /** Where the requests write; both exist, each with a service account. */
    static final List<String> NAMESPACES = List.of("fuzz-a", "fuzz-b");

    private static final List<String> NAMES = List.of("a", "b", "c", "d");

    /** What one request could spoil for all later ones is only tried. */
    private static final Set<String> DRY =
            Set.of("admissionregistration.k8s.io", "apiregistration.k8s.io", "flowcontrol.apiserver.k8s.io");

    private static final List<String> BAD_SEGMENTS = List.of(
            "..",
            ".",
            "%2e%2e",
            "%2E%2E%2Fa",
            "%2F",
            "a%2Fb",
            "%2f..%2f",
            "%00",
            "a%00",
            "%FF%FE",
            "%",
            "%zz",
            "%25",
            "a;b=c",
            ";",
            "a%3Bb",
            "a?b",
            "a%3Fb",
            "a#b",
            "A",
            "_",
            "é",
            "%C3%A9",
            "%F0%9F%98%80",
            "a+b",
            "a%20b",
            " ",
            "",
            "*",
            "[a]",
            "\\..\\",
            "%5C",
            "{name}",
            "x".repeat(300),
            "%2e".repeat(2_000),
            "\u007f",
            "a:b",
            "-",
            "a.");
    private static final List<String> SELECTORS = List.of(
            "a=b",
            "a",
            "!a",
            "a in (b,c)",
            "a in (",
            "a in ()",
            "a notin b",
            "=",
            "==",
            "!",
            ",",
            "a=b=c",
            "a=b,,c",
            "a>1",
            "a<x",
            "a>99999999999999999999",
            "a=\u0000",
            "é=é",
            "a/b/c=d",
            "(",
            ")",
            "a=" + "x".repeat(64),
            "x".repeat(400) + "=a",
            "a in (" + "b,".repeat(3_000) + "c)",
            "a=b,".repeat(3_000) + "a",
            "metadata.name=a",
            "metadata.name!=a,metadata.namespace=b",
            "spec.nodeName=",
            "status.phase=x,y",
            "metadata.name=a\\,b",
            "metadata.name=\\",
            "nothing=x",
            "metadata.name>a",
            "involvedObject.uid=a");
    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "2",
            "-1",
            "500",
            "1.5",
            "x",
            "",
            " ",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "99999999999999999999999",
            "0x10",
            "1e3",
            "+1",
            "00",
            "\u0661",
            "NaN",
            "true");
    private static final List<String> WORDS = List.of(
            "All",
            "all",
            "",
            "None",
            "Strict",
            "Warn",
            "Ignore",
            "Exact",
            "NotOlderThan",
            "Background",
            "Foreground",
            "Orphan",
            "true",
            "false",
            "1",
            "maybe",
            "\u0000",
            "é",
            "a b",
            "x".repeat(200));
    private static final List<String> ACCEPTS = List.of(
            "application/json",
            "application/yaml",
            "application/vnd.kubernetes.protobuf",
            "*/*",
            "",
            "text/html",
            "application/json;as=Table;v=v1;g=meta.k8s.io",
            "application/json;as=Table;v=v2;g=meta.k8s.io",
            "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json",
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            "application/json;as=Nothing",
            "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io",
            "application/cbor",
            "application/*;q=0",
            "application/json;q=x",
            ";;;",
            "a/b/c",
            "application/json;as=" + "x".repeat(500),
            ",,,",
            "application/json;pretty=1",
            "application/vnd.kubernetes.protobuf;stream=watch");
    private static final List<String> TYPES = List.of(
            "application/json",
            "application/yaml",
            "application/vnd.kubernetes.protobuf",
            "application/cbor",
            "text/plain",
            "",
            "a",
            "application/json; charset=utf-16",
            "application/json;;",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "application/json-patch+json",
            "application/apply-patch+yaml");
    private static final List<String> PATCH_TYPES = List.of(
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json",
            "application/apply-patch+yaml",
            "application/apply-patch+cbor");
    private static final List<String> YAML = List.of(
            "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                    + "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                    + "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n",
            "a: &a {b: *a}\n",
            "<<: *none\n",
            "metadata: &m {name: a}\nother: *m\n",
            "? [a, b]\n: c\n",
            "a: !!binary x\n",
            "a: !!java.lang.Object {}\n",
            "a: !<tag:yaml.org,2002:python/object/apply:os.system> [x]\n",
            "%YAML 9.9\n---\na: b\n",
            "--- a\n--- b\n",
            "a: b\na: c\n",
            "\ta: b\n",
            "a: |\n  b\n c",
            "{a: [}",
            "a: 0o777\nb: .inf\nc: 2001-01-01\nd: ~\ne: yes\n",
            "a: \"\\ud800\"\n",
            "\u0000",
            "- ".repeat(3_000),
            "[".repeat(5_000));

    private final List<Operation> operations = new ArrayList<>();
    private final Objects objects;

    /** One method of one published path. */
    private record Operation(
            String method, String path, @Nullable String body, String group, String version, String kind) {
        String apiVersion() {
            return group.isEmpty() ? version : group + "/" + version;
        }
    }

    /** @param document {@code /openapi/v2} */
    Requests(JsonNode document) {
        this.objects = new Objects(document);
        JsonNode known = document.path("parameters");
        document.path("paths").properties().forEach(path -> {
            JsonNode shared = path.getValue().path("parameters");
            for (String method : List.of("get", "put", "post", "delete", "patch")) {
                JsonNode operation = path.getValue().get(method);
                if (operation != null && !path.getKey().contains("/watch/")) {
                    JsonNode gvk = operation.path("x-kubernetes-group-version-kind");
                    operations.add(new Operation(
                            method.toUpperCase(Locale.ROOT),
                            path.getKey(),
                            body(known, operation.path("parameters"), shared),
                            gvk.path("group").asString(""),
                            gvk.path("version").asString("v1"),
                            gvk.path("kind").asString("")));
                }
            }
        });
    }

    private static @Nullable String body(JsonNode known, JsonNode... parameters) {
        for (JsonNode list : parameters) {
            for (JsonNode named : list) {
                String reference = named.path("$ref").asString("");
                JsonNode parameter =
                        reference.isEmpty() ? named : known.path(reference.substring("#/parameters/".length()));
                if (parameter.path("in").asString("").equals("body")) {
                    String ref = parameter.path("schema").path("$ref").asString("");
                    return ref.isEmpty() ? "" : ref.substring("#/definitions/".length());
                }
            }
        }
        return null;
    }

    /** The request of a chance; equal chances make equal requests. */
    Request request(Chance chance) {
        Operation operation = chance.of(operations);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", chance.once(8) ? chance.of(ACCEPTS) : "application/json");
        byte[] body = new byte[0];
        if (operation.body() != null) {
            body = switch (operation.method()) {
                case "PATCH" -> patch(chance, operation, headers);
                default -> object(chance, operation, headers);
            };
        }
        if (chance.once(40)) {
            headers.put("Content-Type", chance.of(TYPES));
        }
        if (chance.once(60)) {
            headers.put("Content-Encoding", chance.of(List.of("gzip", "br", "identity", "x")));
            body = chance.once(2) ? gzip(body) : body;
        }
        if (chance.once(60)) {
            headers.put(
                    chance.of(
                            List.of("Impersonate-User", "Impersonate-Group", "Impersonate-Extra-a%2Fb", "User-Agent")),
                    chance.of(List.of("", "ann", "system:node:", "é", "x".repeat(500))));
        }
        if (chance.once(100)) {
            headers.put("Authorization", chance.of(List.of("", "Bearer", "Bearer a.b.c", "Basic YTpi", "Nothing x")));
        }
        String method = chance.once(50)
                ? chance.of(List.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "POST", "DELETE", "PATCH", "FOO", "get"))
                : operation.method();
        return new Request(method, target(chance, operation, method), headers, body);
    }

    private static String target(Chance chance, Operation operation, String method) {
        String namespace = chance.of(NAMESPACES);
        List<String> segments = new ArrayList<>();
        for (String segment : operation.path().substring(1).split("/", -1)) {
            segments.add(
                    switch (segment) {
                        case "{namespace}" -> namespace;
                        case "{name}" -> chance.of(NAMES);
                        case "{path}", "{logpath}" -> "x";
                        default -> segment;
                    });
        }
        if (chance.once(10)) {
            segments.set(chance.below(segments.size()), chance.of(BAD_SEGMENTS));
        }
        if (chance.once(60)) {
            segments.add(chance.below(segments.size() + 1), chance.of(BAD_SEGMENTS));
        }
        String query = query(chance, operation, method);
        return "/" + latin("/", segments) + (query.isEmpty() ? "" : "?" + query);
    }

    /** Bytes of UTF-8 as characters, since a request line is bytes. */
    private static String latin(String separator, List<String> parts) {
        byte[] bytes = String.join(separator, parts).replace(" ", "%20").getBytes(StandardCharsets.UTF_8);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String query(Chance chance, Operation operation, String method) {
        List<String> query = new ArrayList<>();
        boolean collection = operation.path().endsWith("s") && !operation.path().endsWith("status");
        if (DRY.contains(operation.group()) || method.equals("DELETE") && collection) {
            query.add("dryRun=All");
        } else if (chance.once(25)) {
            query.add("dryRun=" + encoded(chance, chance.of(WORDS)));
        }
        if (operation.method().equals("PATCH") && !chance.once(20)) {
            query.add("fieldManager=" + chance.of(List.of("one", "two")));
        }
        for (int extra = chance.once(3) ? 1 + chance.below(3) : 0; extra > 0; extra--) {
            query.add(
                    switch (chance.below(9)) {
                        case 0 -> "labelSelector=" + encoded(chance, chance.of(SELECTORS));
                        case 1 -> "fieldSelector=" + encoded(chance, chance.of(SELECTORS));
                        case 2 ->
                            chance.of(List.of("limit", "timeoutSeconds", "gracePeriodSeconds", "resourceVersion"))
                                    + "="
                                    + encoded(chance, chance.of(NUMBERS));
                        case 3 -> "continue=" + encoded(chance, chance.of(BadValues.STRINGS.subList(0, 20)));
                        case 4 ->
                            chance.of(List.of(
                                            "resourceVersionMatch",
                                            "propagationPolicy",
                                            "fieldValidation",
                                            "fieldManager",
                                            "orphanDependents",
                                            "pretty",
                                            "force",
                                            "allowWatchBookmarks",
                                            "sendInitialEvents"))
                                    + "="
                                    + encoded(chance, chance.of(WORDS));
                        case 5 -> "continue=" + Base64.getUrlEncoder().encodeToString(chance.bytes(20));
                        case 6 ->
                            "timeout=" + encoded(chance, chance.of(List.of("1s", "-1s", "1", "x", "", "1h1h", "9e9s")));
                        case 7 -> chance.of(List.of("fieldValidation=Strict", "fieldValidation=Ignore", "force=true"));
                        default ->
                            chance.of(List.of("&&", "=", "%", "a=%zz", "a;b", "x=" + "y".repeat(2_000), "%00=1"));
                    });
        }
        if (operation.method().equals("GET") && chance.once(400)) {
            query.add("watch=true&timeoutSeconds=1");
        }
        return String.join("&", query);
    }

    private static String encoded(Chance chance, String value) {
        return chance.once(30) && value.chars().allMatch(c -> c > ' ' && c < 127 && c != '#')
                ? value
                : URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private byte[] object(Chance chance, Operation operation, Map<String, String> headers) {
        Shape shape = shape(chance, operation);
        byte[] text = Shape.text(shape).getBytes(StandardCharsets.UTF_8);
        return switch (chance.below(16)) {
            case 0 -> {
                headers.put("Content-Type", "application/yaml");
                yield (chance.once(2) ? Shape.text(shape) + "\n" : "")
                        .concat(chance.of(YAML))
                        .getBytes(StandardCharsets.UTF_8);
            }
            case 1, 2 -> {
                headers.put("Content-Type", "application/vnd.kubernetes.protobuf");
                yield Protobuf.message(chance, operation.apiVersion(), operation.kind());
            }
            case 3 -> {
                headers.put("Content-Type", "application/json");
                yield Arrays.copyOf(text, chance.below(text.length + 1));
            }
            case 4 -> {
                headers.put("Content-Type", "application/json");
                if (text.length > 0) {
                    text[chance.below(text.length)] = (byte) chance.below(256);
                }
                yield text;
            }
            case 5 -> {
                headers.put("Content-Type", "application/yaml");
                yield text;
            }
            default -> {
                headers.put("Content-Type", "application/json");
                yield text;
            }
        };
    }

    private Shape shape(Chance chance, Operation operation) {
        String definition = operation.body();
        return definition == null || definition.isEmpty()
                ? BadValues.shape(chance)
                : objects.object(chance, definition, operation.apiVersion(), operation.kind(), chance.of(NAMES));
    }

    private byte[] patch(Chance chance, Operation operation, Map<String, String> headers) {
        String type = chance.of(PATCH_TYPES);
        headers.put("Content-Type", type);
        String definition = operations.stream()
                .filter(other ->
                        other.path().equals(operation.path()) && other.method().equals("PUT") && other.body() != null)
                .map(Operation::body)
                .findFirst()
                .orElse("");
        Shape shape = definition == null || definition.isEmpty()
                ? BadValues.shape(chance)
                : objects.object(chance, definition, operation.apiVersion(), operation.kind(), chance.of(NAMES));
        if (type.equals("application/json-patch+json")) {
            shape = operations(chance, shape);
        } else if (type.equals("application/apply-patch+yaml") && chance.once(20)) {
            return chance.of(YAML).getBytes(StandardCharsets.UTF_8);
        }
        byte[] text = Shape.text(shape).getBytes(StandardCharsets.UTF_8);
        return chance.once(20) ? Arrays.copyOf(text, chance.below(text.length + 1)) : text;
    }

    private static Shape operations(Chance chance, Shape value) {
        List<Shape> operations = new ArrayList<>();
        for (int i = chance.once(200) ? 10_001 : chance.below(4); i >= 0; i--) {
            Shape operation = Shape.fields(
                    "op",
                    Shape.string(chance.of(List.of("add", "remove", "replace", "move", "copy", "test", "turn", ""))),
                    "path",
                    Shape.string(chance.of(POINTERS)),
                    "from",
                    Shape.string(chance.of(POINTERS)),
                    "value",
                    chance.once(2) ? value : BadValues.shape(chance));
            operations.add(chance.once(10) ? Objects.spoil(chance, operation) : operation);
            if (operations.size() == 1 && i > 100) {
                value = new Shape.Literal("1");
            }
        }
        return new Shape.Items(operations);
    }

    private static final List<String> POINTERS = List.of(
            "",
            "/",
            "/metadata",
            "/metadata/labels/fuzz",
            "/metadata/labels/a~1b",
            "/metadata/name",
            "/metadata/uid",
            "/metadata/finalizers",
            "/metadata/finalizers/-",
            "/metadata/finalizers/0",
            "/spec",
            "/spec/replicas",
            "/spec/template/spec/containers/0",
            "/spec/template/spec/containers/-1",
            "/spec/template/spec/containers/01",
            "/spec/template/spec/containers/99999999999",
            "/status",
            "/data/a",
            "/kind",
            "/apiVersion",
            "a",
            "~2",
            "/~",
            "/metadata/managedFields",
            "/metadata/managedFields/0/fieldsV1",
            "/a/b/c");

    private static byte[] gzip(byte[] bytes) {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
