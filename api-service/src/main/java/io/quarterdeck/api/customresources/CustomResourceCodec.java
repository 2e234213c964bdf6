package io.quarterdeck.api.customresources;

import io.quarterdeck.api.customresources.schema.Defaulting;
import io.quarterdeck.api.customresources.schema.EmbeddedObjects;
import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.customresources.schema.Pruning;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.schema.Decoded;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.SchemaCatalog;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Primary;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The codec of all kinds. Custom ones are read as any JSON, then pruned by their schema: a value of the wrong type is no
 * error of reading but a finding of validation. Which kinds are custom changes while the server runs. Thread-safe.
 */
@Component
@Primary
public final class CustomResourceCodec implements ObjectCodec {

    private static final ObjectSchema METADATA = SchemaCatalog.builtin()
            .definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
            .orElseThrow();

    private final SchemaCodec builtin;
    private volatile Map<GroupVersionKind, JsonSchema> custom = Map.of();

    CustomResourceCodec(SchemaCodec builtin) {
        this.builtin = builtin;
    }

    /** Replaces the custom kinds and their schemas. */
    void swap(Map<GroupVersionKind, JsonSchema> kinds) {
        custom = Map.copyOf(kinds);
    }

    static ObjectSchema metadata() {
        return METADATA;
    }

    @Override
    public boolean knows(GroupVersionKind kind) {
        return custom.containsKey(kind) || builtin.knows(kind);
    }

    @Override
    public Decoded decode(byte[] body, Encoding encoding, GroupVersionKind expected) {
        JsonSchema schema = custom.get(expected);
        if (schema == null) {
            return builtin.decode(body, encoding, expected);
        }
        Decoded decoded = builtin.decodeAny(body, encoding, expected);
        if (decoded.kind().kind().isEmpty()) {
            throw SchemaCodec.unrecognized(
                    expected,
                    "Object 'Kind' is missing in '%s'".formatted(new String(body, StandardCharsets.UTF_8)),
                    body);
        }
        List<String> findings = new ArrayList<>(decoded.findings());
        ObjectNode tree = decoded.document().tree();
        String apiVersion = tree.path("apiVersion").asString("");
        if (!apiVersion.equals(expected.apiVersion())) {
            throw StatusException.badRequest(
                    "the API version in the data (%s) does not match the expected API version (%s)"
                            .formatted(apiVersion, expected.apiVersion()));
        }
        try {
            shape(tree, schema, false, findings::add);
        } catch (EmbeddedObjects.Misread misread) {
            throw SchemaCodec.cannotBeHandled(decoded.kind(), expected, String.valueOf(misread.getMessage()));
        }
        refuseOtherType(decoded.document(), expected);
        return new Decoded(decoded.kind(), decoded.document(), findings);
    }

    @Override
    public Decoded check(ObjectNode tree, GroupVersionKind kind) {
        return check(tree, kind, true);
    }

    @Override
    public Decoded checkApplied(ObjectNode tree, GroupVersionKind kind) {
        return check(tree, kind, false);
    }

    private Decoded check(ObjectNode tree, GroupVersionKind kind, boolean withoutNulls) {
        JsonSchema schema = custom.get(kind);
        if (schema == null) {
            return builtin.check(tree, kind);
        }
        List<String> findings = new ArrayList<>();
        try {
            shape(tree, schema, false, withoutNulls, findings::add);
        } catch (EmbeddedObjects.Misread misread) {
            throw StatusException.badRequest(String.valueOf(misread.getMessage()));
        }
        Document document = new Document(tree);
        refuseOtherType(document, kind);
        return new Decoded(kind, document, findings);
    }

    /** Of what kind custom resources are is judged by {@link #check}, which knows them by their schema. */
    @Override
    public void requireKind(ObjectNode tree, GroupVersionKind kind) {
        if (!custom.containsKey(kind)) {
            builtin.requireKind(tree, kind);
        } else if (tree.path("kind").asString("").isEmpty()) {
            throw StatusException.badRequest("Object 'Kind' is missing in '%s'".formatted(tree));
        }
    }

    /** Upstream finds this when it validates; nothing else is judged then. */
    private static void refuseOtherType(Document object, GroupVersionKind expected) {
        List<FieldError> findings = new ArrayList<>();
        other("kind", object.kind(), expected.kind(), findings);
        other("apiVersion", object.apiVersion(), expected.apiVersion(), findings);
        if (!findings.isEmpty()) {
            throw StatusException.invalid(expected.group(), object.kind(), object.name(), findings);
        }
    }

    private static void other(String field, String found, String expected, List<FieldError> findings) {
        if (!found.equals(expected)) {
            findings.add(new FieldError(
                    Reason.INVALID, field, "Invalid value: \"%s\": must be %s".formatted(found, expected)));
        }
    }

    /**
     * Brings an object into the form that its schema gives it, defaults excepted. Works in place.
     *
     * @param tolerant whether metadata that cannot be read is left as it is: that of objects stored long ago
     * @param findings told what was dropped
     * @throws EmbeddedObjects.Misread when metadata cannot be read
     */
    void shape(ObjectNode tree, JsonSchema schema, boolean tolerant, Consumer<String> findings) {
        shape(tree, schema, tolerant, true, findings);
    }

    private void shape(
            ObjectNode tree, JsonSchema schema, boolean tolerant, boolean withoutNulls, Consumer<String> findings) {
        settleNumbers(tree);
        JsonNode metadata = tree.get("metadata");
        if (metadata != null) {
            try {
                tree.set("metadata", readMetadata(metadata, field -> findings.accept(inside("metadata", field))));
            } catch (EmbeddedObjects.Misread misread) {
                if (!tolerant) {
                    throw misread;
                }
            }
        }
        List<String> dropped = Pruning.prune(tree, schema);
        if (withoutNulls) {
            Defaulting.dropNulls(tree, schema);
        }
        List<String> embedded = EmbeddedObjects.coerce(tree, schema, this::readMetadata, tolerant);
        dropped.forEach(path -> findings.accept("unknown field \"" + path + '"'));
        embedded.forEach(finding -> findings.accept(finding));
    }

    /** {@code unknown field "labels.x"} below {@code metadata}. */
    private static String inside(String path, String finding) {
        int quote = finding.indexOf('"');
        return finding.substring(0, quote + 1) + path + "." + finding.substring(quote + 1);
    }

    ObjectNode readMetadata(JsonNode metadata, Consumer<String> findings) {
        try {
            return builtin.part(metadata, METADATA, findings);
        } catch (IllegalArgumentException unreadable) {
            throw new EmbeddedObjects.Misread(String.valueOf(unreadable.getMessage()));
        }
    }

    /** What does not fit 64 bits is a float, as it is to Go. */
    private static void settleNumbers(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> entry : object.properties()) {
                JsonNode settled = settled(entry.getValue());
                if (settled != null) {
                    entry.setValue(settled);
                }
            }
        } else if (node instanceof ArrayNode list) {
            for (int i = 0; i < list.size(); i++) {
                JsonNode settled = settled(list.get(i));
                if (settled != null) {
                    list.set(i, settled);
                }
            }
        }
    }

    private static @Nullable JsonNode settled(JsonNode value) {
        if (value.isContainer()) {
            settleNumbers(value);
            return null;
        }
        return value.isBigInteger() && !fits(value.bigIntegerValue()) || value.isBigDecimal()
                ? JsonNodeFactory.instance.numberNode(value.doubleValue())
                : null;
    }

    private static boolean fits(BigInteger value) {
        return value.bitLength() < Long.SIZE;
    }

    @Override
    public void applyDefaults(Document object, GroupVersionKind kind) {
        JsonSchema schema = custom.get(kind);
        if (schema == null) {
            builtin.applyDefaults(object, kind);
        } else {
            Defaulting.apply(object.tree(), schema);
        }
    }

    @Override
    public byte[] canonical(Document object, GroupVersionKind kind) {
        return builtin.canonical(object, kind);
    }

    @Override
    public Document read(byte[] body, GroupVersionKind kind) {
        return builtin.read(body, kind);
    }

    @Override
    public byte[] json(ObjectNode tree) {
        return builtin.json(tree);
    }

    @Override
    public byte[] yaml(ObjectNode tree) {
        return builtin.yaml(tree);
    }

    @Override
    public byte[] protobuf(ObjectNode tree, GroupVersionKind kind) {
        return builtin.protobuf(tree, kind);
    }

    @Override
    public byte[] envelope(byte[] message, GroupVersionKind kind) {
        return builtin.envelope(message, kind);
    }

    @Override
    public List<byte[]> watchFrame(String type, byte[] message, GroupVersionKind kind) {
        return builtin.watchFrame(type, message, kind);
    }

    @Override
    public List<byte[]> protobufList(ObjectNode metadata, List<byte[]> items, GroupVersionKind kind) {
        return builtin.protobufList(metadata, items, kind);
    }
}
