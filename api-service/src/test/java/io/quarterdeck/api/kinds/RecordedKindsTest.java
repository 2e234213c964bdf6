package io.quarterdeck.api.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.Patcher;
import io.quarterdeck.api.registry.BuiltInResources;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.ResourceStrategy;
import io.quarterdeck.api.registry.VersionConverter;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds the strategies against answers recorded from a real API server, without HTTP. The recordings' folder is named by
 * the property {@code quarterdeck.golden}; without it there is nothing to do.
 */
class RecordedKindsTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String NAMESPACE = "golden-ns";

    private final SchemaCodec codec = new SchemaCodec();
    private final Patcher patcher;
    private final Map<String, ResourceDefinition> byPath = new HashMap<>();
    private final Map<io.quarterdeck.model.GroupVersionKind, VersionConverter> converters = new HashMap<>();
    private final Map<io.quarterdeck.model.GroupResource, ResourceDefinition> stored = new HashMap<>();

    RecordedKindsTest() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.register(KindsConfiguration.class);
        context.scan("io.quarterdeck.api.patch");
        context.refresh();
        patcher = context.getBean(Patcher.class);
        for (ResourceDefinition resource : BuiltInResources.read(
                context.getBeansOfType(ResourceStrategy.class).values())) {
            byPath.put(resource.group() + "/" + resource.version() + "/" + resource.plural(), resource);
            if (resource.version().equals(resource.storedVersion())
                    && resource.resource().equals(resource.storage())) {
                stored.put(resource.storage(), resource);
            }
        }
        context.getBeansOfType(VersionConverter.class)
                .values()
                .forEach(converter -> converters.put(converter.version(), converter));
    }

    private record Route(ResourceDefinition resource, String name, String subresource) {}

    @TestFactory
    List<DynamicTest> recordings() throws IOException {
        String folder = System.getProperty("quarterdeck.golden");
        List<DynamicTest> tests = new ArrayList<>();
        if (folder == null) {
            return tests;
        }
        String only = System.getProperty("quarterdeck.only", "");
        for (String file : List.of("validation", "tables", "resources", "admission")) {
            Map<String, List<JsonNode>> scenarios = new TreeMap<>();
            for (JsonNode line : read(Path.of(folder, file + ".jsonl.gz"))) {
                scenarios
                        .computeIfAbsent(line.get("scenario").asString(), absent -> new ArrayList<>())
                        .add(line);
            }
            scenarios.forEach((name, steps) -> {
                if (name.matches(".*" + only + ".*")
                        && !name.contains("customresource")
                        && (!name.startsWith("admission") || name.matches(".*(binding|resize).*"))) {
                    tests.add(DynamicTest.dynamicTest(
                            name, () -> assertThat(replay(steps)).as(name).isEmpty()));
                }
            });
        }
        return tests;
    }

    private static List<JsonNode> read(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(JSON.readTree(line.replace("${ns}", NAMESPACE)
                        .replace("${*time}", "2026-01-01T00:00:00Z")
                        .replace("${*suffix}", "abcde")
                        .replaceAll("\\$\\{uid:(\\d+)\\}", "00000000-0000-0000-0000-00000000000$1")
                        .replaceAll("\\$\\{ip:(\\d+)\\}", "10.96.1.$1")
                        .replaceAll("\"\\$\\{port:(\\d+)\\}\"", "3000$1")
                        .replaceAll("\\$\\{port:(\\d+)\\}", "3000$1")));
            }
        }
        return lines;
    }

    private Optional<Route> route(String path) {
        String[] parts = path.replaceAll("\\?.*", "").split("/");
        int at = parts.length > 2 && parts[1].equals("api") ? 3 : 4;
        if (parts.length <= at) {
            return Optional.empty();
        }
        String prefix = parts[1].equals("api") ? "/" + parts[2] : parts[2] + "/" + parts[3];
        if (parts[at].equals("namespaces")
                && parts.length > at + 2
                && byPath.containsKey(prefix + "/" + parts[at + 2])) {
            at += 2;
        }
        ResourceDefinition resource = byPath.get(prefix + "/" + parts[at]);
        return resource == null
                ? Optional.empty()
                : Optional.of(new Route(
                        resource,
                        parts.length > at + 1 ? parts[at + 1] : "",
                        parts.length > at + 2 ? parts[at + 2] : ""));
    }

    private List<String> replay(List<JsonNode> steps) {
        List<String> differences = new ArrayList<>();
        Map<String, Document> state = new HashMap<>();
        for (JsonNode step : steps) {
            Optional<Route> found = route(step.get("path").asString());
            if (found.isEmpty() || step.has("body_encoding")) {
                continue;
            }
            Route route = found.get();
            String where = "%s %s %s: "
                    .formatted(
                            step.get("step"),
                            step.get("method").asString(),
                            step.get("path").asString());
            try {
                for (String difference : step(step, route, state)) {
                    differences.add(where + difference);
                }
            } catch (StatusException refused) {
                if (!refused.text().equals(step.path("response").path("message").asString(""))) {
                    differences.add(where + "threw " + refused.text());
                }
            } catch (RuntimeException broken) {
                differences.add(where + "broke: " + broken + " at " + broken.getStackTrace()[0]);
            }
            remember(step, route, state);
        }
        return differences;
    }

    private List<String> step(JsonNode step, Route route, Map<String, Document> state) {
        JsonNode response = step.path("response");
        int status = step.get("status").asInt();
        if (response.path("kind").asString("").equals("Table")) {
            return table(route, response, state);
        }
        if (status == 409 || status == 404 || status == 403 || status == 405 || status == 500 || status == 415) {
            return List.of();
        }
        String path = step.get("path").asString();
        String message = response.path("message").asString("");
        if (path.contains("fieldValidation=Odd")
                || path.contains("dryRun=Maybe")
                || message.contains("Options.meta.k8s.io")) {
            return List.of();
        }
        String method = step.get("method").asString();
        JsonNode body = step.path("body");
        if (method.equals("POST")
                && route.subresource().isEmpty()
                && route.name().isEmpty()
                && body.isObject()) {
            return create(route, (ObjectNode) body.deepCopy(), step, status, response);
        }
        Document old = state.get(key(route.resource(), route.name()));
        if (old == null || !body.isContainer() || route.subresource().equals("scale")) {
            return List.of();
        }
        String type = step.path("headers").path("Content-Type").asString("");
        if (method.equals("PUT") || type.contains("merge-patch") || type.contains("json-patch")) {
            return update(route, old, body, type, step, status, response);
        }
        return List.of();
    }

    private List<String> create(Route route, ObjectNode body, JsonNode step, int status, JsonNode response) {
        ResourceDefinition resource = route.resource();
        Document next;
        try {
            next = codec.decode(JSON.writeValueAsBytes(body), Encoding.JSON, resource.gvk())
                    .document();
        } catch (StatusException refused) {
            return status == 400 ? List.of() : List.of("does not decode: " + refused.text());
        }
        if (status == 400) {
            return List.of();
        }
        RequestInfo request = request("create", resource, "", "", step);
        ResourceStrategy strategy = resource.strategy();
        if (resource.namespaced()) {
            next.set("metadata.namespace", NAMESPACE);
        }
        codec.applyDefaults(next, resource.gvk());
        if (resource.subresource("status").isPresent() && !strategy.keepsStatusOnCreate()) {
            next.remove("status");
        }
        next = stored(resource, next);
        ResourceDefinition home = stored.get(resource.storage());
        strategy.applyDefaults(next);
        if (next.name().isEmpty() && next.has("metadata.generateName")) {
            next.set(
                    "metadata.name",
                    response.path("metadata")
                            .path("name")
                            .asString("x")
                            .replace("${", "")
                            .replace("}", "")
                            .replace("*", "")
                            .replace(":", ""));
        }
        next.remove("metadata.managedFields");
        next.set(
                "metadata.uid", response.path("metadata").path("uid").asString("00000000-0000-0000-0000-000000000001"));
        admission(next, resource, response);
        codec.applyDefaults(next, home.gvk());
        strategy.applyDefaults(next);
        if (strategy.hasGeneration()) {
            next.set("metadata.generation", 1);
        }
        strategy.prepareForCreate(next, request);
        List<FieldError> findings =
                new ArrayList<>(MetadataRules.create(next, resource.namespaced(), strategy.names()));
        findings.addAll(strategy.validateCreate(next, request));
        return judge(resource, next, findings, status, response, Optional.empty(), request, step);
    }

    /** What admission would have done, taken from the answer. */
    private static void admission(Document next, ResourceDefinition resource, JsonNode response) {
        if (resource.plural().equals("pods")) {
            next.setIfAbsent("spec.serviceAccountName", "default");
            for (String field : List.of("priority", "preemptionPolicy", "tolerations", "volumes", "overhead")) {
                JsonNode value = response.path("spec").path(field);
                if (!value.isMissingNode()) {
                    next.set("spec." + field, value.deepCopy());
                }
            }
            for (String list : List.of("containers", "initContainers")) {
                int i = 0;
                for (JsonNode container : next.items("spec." + list)) {
                    JsonNode mounts = response.path("spec").path(list).path(i++).path("volumeMounts");
                    if (!mounts.isMissingNode()) {
                        ((ObjectNode) container).set("volumeMounts", mounts.deepCopy());
                    }
                }
            }
        }
        if (resource.plural().equals("nodes") && response.path("spec").has("taints")) {
            next.set("spec.taints", response.path("spec").path("taints").deepCopy());
        }
        if (!resource.namespaced()) {
            next.remove("metadata.namespace");
        }
    }

    private List<String> update(
            Route route, Document old, JsonNode body, String type, JsonNode step, int status, JsonNode response) {
        ResourceDefinition resource = route.resource();
        ResourceStrategy strategy = resource.strategy();
        ResourceDefinition home = stored.get(resource.storage());
        Document seen = seen(resource, old);
        Document next;
        try {
            ObjectNode tree;
            byte[] bytes = JSON.writeValueAsBytes(body);
            if (type.contains("strategic")) {
                tree = patcher.strategic((ObjectNode) seen.tree().deepCopy(), bytes, Encoding.JSON, resource.gvk())
                        .tree();
            } else if (type.contains("json-patch")) {
                tree = patcher.json((ObjectNode) seen.tree().deepCopy(), bytes).tree();
            } else if (type.contains("merge-patch")) {
                tree = patcher.merge((ObjectNode) seen.tree().deepCopy(), bytes, Encoding.JSON)
                        .tree();
            } else {
                tree = (ObjectNode) body.deepCopy();
            }
            next = codec.decode(JSON.writeValueAsBytes(tree), Encoding.JSON, resource.gvk())
                    .document();
        } catch (StatusException refused) {
            return status >= 400 ? List.of() : List.of("does not decode: " + refused.text());
        }
        if (status == 400
                || response.path("message").asString("").contains("must be specified for an update")
                || response.path("message").asString("").contains("strict decoding")) {
            return List.of();
        }
        if (!next.name().equals(old.name())
                || (next.has("metadata.resourceVersion")
                        && next.text("metadata.resourceVersion").equals("1"))) {
            return List.of();
        }
        for (String field : List.of(
                "uid",
                "creationTimestamp",
                "resourceVersion",
                "generation",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
                "namespace",
                "managedFields",
                "selfLink")) {
            next.keep("metadata." + field, old);
        }
        codec.applyDefaults(next, resource.gvk());
        next = stored(resource, next);
        strategy.applyDefaults(next);
        codec.applyDefaults(next, home.gvk());
        strategy.applyDefaults(next);
        String sub = route.subresource();
        RequestInfo request = request("update", resource, route.name(), sub, step);
        if (sub.equals("status")) {
            for (String field : old.tree().propertyNames()) {
                if (!List.of("metadata", "status").contains(field)) {
                    next.keep(field, old);
                }
            }
            strategy.prepareForStatusUpdate(next, old, request);
        } else if (sub.isEmpty()) {
            if (resource.subresource("status").isPresent()) {
                next.keep("status", old);
            }
            strategy.prepareForUpdate(next, old, request);
        } else {
            strategy.prepareForSubresourceUpdate(next, old, request);
        }
        List<FieldError> metadata = MetadataRules.update(next, old);
        List<FieldError> findings = new ArrayList<>(metadata);
        findings.addAll(
                sub.equals("status")
                        ? strategy.validateStatusUpdate(next, old, request)
                        : sub.isEmpty()
                                ? strategy.validateUpdate(next, old, request)
                                : strategy.validateSubresourceUpdate(next, old, request));
        if (strategy.repeatsMetadataFindings()) {
            findings.addAll(metadata);
        }
        return judge(resource, next, findings, status, response, Optional.of(old), request, step);
    }

    private List<String> judge(
            ResourceDefinition resource,
            Document next,
            List<FieldError> findings,
            int status,
            JsonNode response,
            Optional<Document> old,
            RequestInfo request,
            JsonNode step) {
        List<String> differences = new ArrayList<>();
        if (status == 422) {
            String text = findings.isEmpty()
                    ? "accepted"
                    : StatusException.invalid(resource.storage().group(), resource.kind(), next.name(), findings)
                            .text();
            String expected = response.path("message").asString("");
            if (expected.contains("is invalid: patch:")
                    || expected.contains("failed to allocate")
                    || expected.contains("provided port")) {
                return differences;
            }
            if (!text.equals(expected)) {
                differences.add("\n   expected " + expected + "\n   got      " + text);
            } else if (findings.size()
                    != response.path("details").path("causes").size()) {
                differences.add("causes: expected %d, got %d"
                        .formatted(response.path("details").path("causes").size(), findings.size()));
            }
            return differences;
        }
        if (!findings.isEmpty()) {
            return List.of("refused: " + findings);
        }
        if (!response.path("kind").asString("").equals(resource.kind())) {
            return List.of();
        }
        List<String> warnings =
                next.equals(old.orElse(null)) ? List.of() : resource.strategy().warnings(next, old, request);
        for (String warning : warnings) {
            if (!step.path("response_headers")
                    .path("Warning")
                    .toString()
                    .contains(JSON.writeValueAsString(warning.replace("\"", "\\\""))
                            .replaceAll("^\"|\"$", ""))) {
                differences.add("extra warning: " + warning);
            }
        }
        // Both through the codec's canonical form.
        ResourceDefinition home = stored.get(resource.storage());
        Document mine = seen(resource, codec.read(full(codec.canonical(next, home.gvk())), home.gvk()));
        compare(response, mine.tree(), "", differences);
        return differences;
    }

    private static byte[] full(byte[] canonical) {
        return canonical;
    }

    private static final List<String> IGNORED = List.of(
            ".metadata.managedFields",
            ".metadata.resourceVersion",
            ".metadata.creationTimestamp",
            ".metadata.uid",
            ".metadata.name",
            ".metadata.selfLink",
            ".metadata.namespace",
            ".metadata.finalizers");

    private static void compare(JsonNode expected, JsonNode got, String path, List<String> differences) {
        if (IGNORED.contains(path)) {
            return;
        }
        if (expected.isString() && (expected.stringValue().contains("${"))) {
            return;
        }
        if (expected.isObject() && got.isObject()) {
            java.util.TreeSet<String> names = new java.util.TreeSet<>(expected.propertyNames());
            names.addAll(got.propertyNames());
            names.forEach(name -> compare(expected.path(name), got.path(name), path + "." + name, differences));
        } else if (expected.isArray() && got.isArray() && expected.size() == got.size()) {
            for (int i = 0; i < expected.size(); i++) {
                compare(expected.get(i), got.get(i), path + "[" + i + "]", differences);
            }
        } else if (!expected.toString().equals(got.toString())
                && !(path.matches("\\.spec\\.(clusterIPs?|healthCheckNodePort|ports.*nodePort)"))) {
            differences.add(path + ": expected " + expected + ", got " + got);
        }
    }

    private List<String> table(Route route, JsonNode response, Map<String, Document> state) {
        List<String> differences = new ArrayList<>();
        Optional<Columns> columns = route.resource().strategy().columns();
        if (columns.isEmpty() || route.subresource().equals("scale")) {
            return differences;
        }
        int i = 0;
        for (JsonNode definition : response.path("columnDefinitions")) {
            Columns.Column column =
                    i < columns.get().columns().size() ? columns.get().columns().get(i) : null;
            if (column == null
                    || !column.name().equals(definition.path("name").asString(""))
                    || !column.type().equals(definition.path("type").asString(""))
                    || !column.format().equals(definition.path("format").asString(""))
                    || !column.description()
                            .equals(definition.path("description").asString(""))
                    || column.priority() != definition.path("priority").asInt()) {
                differences.add("column %d: expected %s, got %s".formatted(i, definition, column));
            }
            i++;
        }
        for (JsonNode row : response.path("rows")) {
            Document object = state.get(key(
                    route.resource(),
                    row.path("object")
                            .path("metadata")
                            .path("name")
                            .asString(row.path("cells").path(0).asString(""))));
            if (object == null) {
                continue;
            }
            for (int c = 0; c < columns.get().columns().size(); c++) {
                JsonNode expected = row.path("cells").path(c);
                JsonNode got = columns.get().columns().get(c).cell().apply(object, NOW);
                if (!expected.toString().contains("${") && !expected.toString().equals(got.toString())) {
                    differences.add("cell %s: expected %s, got %s"
                            .formatted(columns.get().columns().get(c).name(), expected, got));
                }
            }
        }
        return differences;
    }

    private void remember(JsonNode step, Route route, Map<String, Document> state) {
        JsonNode response = step.path("response");
        if (step.get("status").asInt() >= 300
                || !response.path("kind").asString("").equals(route.resource().kind())
                || step.path("path").asString("").contains("dryRun")) {
            return;
        }
        Document object = new Document((ObjectNode) response.deepCopy());
        object.remove("metadata.managedFields");
        String name = key(route.resource(), object.name());
        if (step.path("method").asString("").equals("DELETE") && !object.deleting()) {
            state.remove(name);
            return;
        }
        state.put(name, stored(route.resource(), object));
    }

    private Document stored(ResourceDefinition resource, Document object) {
        VersionConverter converter = converters.get(resource.gvk());
        return converter == null ? object : converter.toStored(object);
    }

    private Document seen(ResourceDefinition resource, Document object) {
        VersionConverter converter = converters.get(resource.gvk());
        return converter == null ? object : converter.fromStored(object);
    }

    private static String key(ResourceDefinition resource, @Nullable String name) {
        return resource.storage() + "/" + name;
    }

    private static RequestInfo request(
            String verb, ResourceDefinition resource, String name, String subresource, JsonNode step) {
        return new RequestInfo(
                new User("admin", "admin-uid", List.of(User.MASTERS, User.AUTHENTICATED), Map.of()),
                verb,
                resource.version(),
                new ObjectKey(resource.namespaced() ? NAMESPACE : "", name),
                subresource,
                step.path("path").asString("").contains("dryRun"),
                "golden",
                RequestInfo.FieldValidation.WARN,
                "",
                NOW,
                warning -> {});
    }
}
