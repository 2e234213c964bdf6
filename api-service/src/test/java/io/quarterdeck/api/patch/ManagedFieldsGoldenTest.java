package io.quarterdeck.api.patch;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindParts;
import io.quarterdeck.api.schema.Decoded;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.Golden;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.api.schema.YamlReader;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Follows the owners of fields through the recorded scenarios. */
class ManagedFieldsGoldenTest {

    private static final Instant NOW = Instant.parse("2006-01-02T15:04:05Z");

    private final SchemaCodec codec = new SchemaCodec();
    private final SchemaPatcher patcher = new SchemaPatcher();
    private final ManagedFields ownership = new ManagedFields();
    private final KindTargets targets = new KindTargets("api/all=true");

    @Test
    void recordsOwnersAsUpstream() {
        List<String> wrong = new ArrayList<>();
        int followed = 0;
        Map<String, ObjectNode> objects = new HashMap<>();
        for (String area : List.of("resources", "patching", "protocol", "validation", "tables")) {
            for (Golden golden : Golden.read(area)) {
                if (golden.response() instanceof ObjectNode response && golden.hasBody()) {
                    String found = follow(golden, response, objects);
                    followed += found.equals("skipped") ? 0 : 1;
                    if (!found.isEmpty() && !found.equals("skipped")) {
                        wrong.add(golden.name() + " " + golden.method() + " " + golden.path() + found);
                    }
                    remember(objects, golden, response);
                }
            }
        }
        // Conditions that upstream's own loops write, and a list key that is empty by default.
        wrong.removeIf(found -> found.contains("\"kube-apiserver\"")
                || found.contains("api-priority-and-fairness-config-consumer")
                || found.startsWith("validation/pods/create-23#6"));
        assertThat(followed).isGreaterThan(2_000);
        assertThat(wrong).isEmpty();
    }

    private static void remember(Map<String, ObjectNode> objects, Golden golden, ObjectNode object) {
        String name = object.path("metadata").path("name").asString("");
        if (golden.status() >= 300
                || name.isEmpty()
                || !golden.query("dryRun").isEmpty()
                || object.path("kind").asString().matches("Status|Table|.*List|Scale|PartialObjectMetadata")) {
            return;
        }
        String place = golden.method().equals("POST") ? golden.object() + "/" + name : golden.object();
        objects.put(place.replaceAll("/(status|approval|finalize|resize|ephemeralcontainers)$", ""), object);
    }

    private String follow(Golden golden, ObjectNode response, Map<String, ObjectNode> objects) {
        String place = golden.object().replaceAll("/(status|approval|finalize|resize|ephemeralcontainers)$", "");
        String subresource =
                golden.object().length() > place.length() ? golden.object().substring(place.length() + 1) : "";
        ObjectNode before = objects.get(place);
        boolean apply = golden.contentType().contains("apply-patch");
        boolean conflict =
                apply && golden.response().path("message").asString("").startsWith("Apply failed");
        GroupVersionKind kind =
                golden.status() < 300 ? Golden.kindOf(response) : before == null ? null : Golden.kindOf(before);
        boolean typed500 = golden.status() == 500
                && golden.response().path("message").asString("").startsWith("failed to create typed");
        if (kind == null
                || !codec.knows(kind)
                || golden.status() >= 300 && !conflict && !typed500
                || !response.path("metadata").has("name") && !conflict && !typed500
                || kind.kind().matches("Status|Scale|Binding|Eviction|TokenRequest|.*Review|.*List")) {
            return "skipped";
        }
        String manager = golden.query("fieldManager").isEmpty() ? "golden" : golden.query("fieldManager");
        Document old = before == null ? null : new Document(before);
        try {
            Document next = switch (golden.method()) {
                case "POST" -> decoded(golden, kind);
                case "PUT" -> decoded(golden, kind);
                case "PATCH" -> apply ? apply(golden, kind, old, manager, subresource) : patched(golden, kind, before);
                default -> null;
            };
            if (next == null) {
                return "skipped";
            }
            if (!apply) {
                ownership.recordUpdate(
                        next, golden.method().equals("POST") ? null : old, targets.of(kind, subresource), manager, NOW);
            }
            if (golden.status() >= 300) {
                return "\n  succeeds, not " + golden.response().path("message").asString();
            }
            Map<String, JsonNode> expected = owners(response);
            Map<String, JsonNode> actual = owners(next.tree());
            return expected.equals(actual) ? "" : "\n  expected " + expected + "\n  but      " + actual;
        } catch (StatusException refusal) {
            String message = golden.response().path("message").asString("");
            return refusal.text().equals(message) ? "" : "\n  expected " + message + "\n  but      " + refusal.text();
        }
    }

    private static Map<String, JsonNode> owners(ObjectNode object) {
        Map<String, JsonNode> owners = new TreeMap<>();
        for (JsonNode entry : object.path("metadata").path("managedFields")) {
            owners.put(
                    entry.path("operation") + " " + entry.path("manager") + entry.path("subresource")
                            + entry.path("apiVersion"),
                    entry);
        }
        return owners;
    }

    private Document decoded(Golden golden, GroupVersionKind kind) {
        Encoding encoding = switch (golden.contentType()) {
            case "application/yaml" -> Encoding.YAML;
            case "application/vnd.kubernetes.protobuf" -> Encoding.PROTOBUF;
            default -> Encoding.JSON;
        };
        Decoded decoded = codec.decode(golden.body(), encoding, kind);
        codec.applyDefaults(decoded.document(), kind);
        return asKept(decoded.document(), kind);
    }

    /** Owners are recorded of what is left when the object was stored: a version may have defaults that depend on others. */
    private static Document asKept(Document document, GroupVersionKind kind) {
        return KindParts.converters().stream()
                .filter(converter -> converter.version().equals(kind))
                .findFirst()
                .map(converter -> converter.fromStored(converter.toStored(document)))
                .orElse(document);
    }

    private @Nullable Document patched(Golden golden, GroupVersionKind kind, @Nullable ObjectNode before) {
        if (before == null) {
            return null;
        }
        Patcher.Patched patched = switch (golden.contentType()) {
            case "application/json-patch+json" -> patcher.json(before, golden.body());
            case "application/merge-patch+json" -> patcher.merge(before, golden.body(), Encoding.JSON);
            case "application/strategic-merge-patch+json" ->
                patcher.strategic(before, golden.body(), Encoding.JSON, kind);
            default -> null;
        };
        if (patched == null) {
            return null;
        }
        Document document = asKept(codec.check(patched.tree(), kind).document(), kind);
        codec.applyDefaults(document, kind);
        return document;
    }

    private Document apply(
            Golden golden, GroupVersionKind kind, @Nullable Document old, String manager, String subresource) {
        Document applied =
                new Document((ObjectNode) YamlReader.read(golden.body()).tree());
        return ownership.apply(
                old,
                applied,
                targets.of(kind, subresource),
                manager,
                golden.query("force").equals("true"),
                NOW);
    }
}
