package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.api.validation.NameCheck;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.Formats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Objects of the API inside of custom resources: their metadata is read as all metadata is, their type header and metadata
 * are judged.
 *
 * <p>Source: apiextensions, pkg/apiserver/schema/objectmeta.
 */
public final class EmbeddedObjects {

    private static final NameCheck PATH_SEGMENT =
            (name, prefix) -> prefix ? Formats.pathSegmentPrefix(name) : Formats.pathSegment(name);

    /** Reads metadata by its type: drops what it does not know, brings the rest into form. */
    @FunctionalInterface
    public interface MetadataReader {

        /**
         * @param metadata replaced by the answer
         * @param findings told what is dropped: {@code unknown field "labels.x"}
         * @throws Misread when it cannot be read
         */
        ObjectNode read(JsonNode metadata, Consumer<String> findings);
    }

    /** Metadata that is none, with the reader's words. */
    public static final class Misread extends RuntimeException {
        public Misread(String message) {
            super(message, null, false, false);
        }
    }

    private EmbeddedObjects() {}

    // ---- reading ----------------------------------------------------------------------------------------------------

    /**
     * Brings the metadata of embedded objects into form; the object's own is left alone. Works in place.
     *
     * @param tolerant whether what cannot be read is left out instead of refused: what was stored long ago
     * @return what was dropped, in order: {@code unknown field "spec.template.metadata.x"}
     * @throws Misread with path and words of what cannot be read
     */
    public static List<String> coerce(ObjectNode object, JsonSchema schema, MetadataReader reader, boolean tolerant) {
        List<String> dropped = new ArrayList<>();
        coerce("", object, schema, false, reader, tolerant, dropped);
        dropped.sort(null);
        return dropped;
    }

    private static void coerce(
            String path,
            JsonNode value,
            @Nullable JsonSchema schema,
            boolean embedded,
            MetadataReader reader,
            boolean tolerant,
            List<String> dropped) {
        if (schema == null) {
            return;
        }
        if (value instanceof ObjectNode object) {
            if (embedded) {
                header(path, object, reader, tolerant, dropped);
            }
            for (String name : List.copyOf(object.propertyNames())) {
                JsonSchema declared = schema.properties().get(name);
                JsonSchema below = declared == null ? schema.additional() : declared;
                if (below != null && object.get(name) != null) {
                    coerce(
                            declared == null ? Paths.key(path, name) : Paths.child(path, name),
                            object.path(name),
                            below,
                            below.embedded(),
                            reader,
                            tolerant,
                            dropped);
                }
            }
        } else if (value instanceof ArrayNode list && schema.items() != null) {
            for (int i = 0; i < list.size(); i++) {
                coerce(
                        Paths.index(path, i),
                        list.get(i),
                        schema.items(),
                        schema.items().embedded(),
                        reader,
                        tolerant,
                        dropped);
            }
        }
    }

    private static void header(
            String path, ObjectNode object, MetadataReader reader, boolean tolerant, List<String> dropped) {
        for (String name : List.of("apiVersion", "kind")) {
            JsonNode value = object.get(name);
            if (value != null && !value.isString()) {
                if (!tolerant) {
                    throw new Misread("%s: Invalid value: %s: must be a string"
                            .formatted(Paths.child(path, name), Values.print(value)));
                }
                object.remove(name);
            }
        }
        JsonNode metadata = object.get("metadata");
        if (metadata == null) {
            return;
        }
        String at = Paths.child(path, "metadata");
        try {
            ObjectNode read = reader.read(
                    metadata,
                    finding -> dropped.add(finding.replaceFirst("\"", "\"" + Matcher.quoteReplacement(at) + ".")));
            if (read.path("creationTimestamp").isNull()) {
                read.remove("creationTimestamp");
            }
            object.set("metadata", read);
        } catch (Misread misread) {
            if (!tolerant) {
                throw new Misread(
                        "%s: Invalid value: %s: %s".formatted(at, Values.print(metadata), misread.getMessage()));
            }
        }
    }

    // ---- judging ----------------------------------------------------------------------------------------------------

    /** All findings about embedded objects. */
    public static List<FieldError> check(ObjectNode object, JsonSchema schema) {
        return check("", object, schema, schema.embedded());
    }

    /** @param embedded whether the value itself is an object of the API, whatever its schema says */
    static List<FieldError> check(String path, JsonNode value, JsonSchema schema, boolean embedded) {
        List<FieldError> findings = new ArrayList<>();
        walk(path, value, schema, embedded, findings);
        return findings;
    }

    private static void walk(
            String path, JsonNode value, @Nullable JsonSchema schema, boolean embedded, List<FieldError> findings) {
        if (schema == null) {
            return;
        }
        if (value instanceof ObjectNode object) {
            if (embedded) {
                embedded(path, object, findings);
            }
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                JsonSchema declared = schema.properties().get(field.getKey());
                JsonSchema below = declared == null ? schema.additional() : declared;
                if (below != null) {
                    walk(
                            declared == null ? Paths.key(path, field.getKey()) : Paths.child(path, field.getKey()),
                            field.getValue(),
                            below,
                            below.embedded(),
                            findings);
                }
            }
        } else if (value instanceof ArrayNode list && schema.items() != null) {
            for (int i = 0; i < list.size(); i++) {
                walk(
                        Paths.index(path, i),
                        list.get(i),
                        schema.items(),
                        schema.items().embedded(),
                        findings);
            }
        }
    }

    private static void embedded(String path, ObjectNode object, List<FieldError> findings) {
        Field root = Field.root(new Document(object), null, findings);
        Field apiVersion = root.at("apiVersion").as(Paths.child(path, "apiVersion"));
        if (object.has("apiVersion")) {
            String text = apiVersion.text();
            if (!apiVersion.isString()) {
                apiVersion.invalid("must be a string");
            } else if (text.isEmpty()) {
                apiVersion.invalid("must not be empty");
            } else if (text.chars().filter(c -> c == '/').count() > 1) {
                apiVersion.invalid("unexpected GroupVersion string: " + text);
            }
        } else {
            apiVersion.required();
        }
        Field kind = root.at("kind").as(Paths.child(path, "kind"));
        if (object.has("kind")) {
            if (!kind.isString()) {
                kind.invalid("must be a string");
            } else if (kind.text().isEmpty()) {
                kind.invalid("must not be empty");
            } else {
                List<String> problems = Formats.dns1035Label(Formats.lower(kind.text()));
                if (!problems.isEmpty()) {
                    kind.invalid("may have mixed case, but should otherwise match: " + String.join(",", problems));
                }
            }
        } else {
            kind.required();
        }
        if (object.get("metadata") instanceof ObjectNode metadata) {
            Document named = Document.empty();
            named.tree().set("metadata", metadata.deepCopy());
            named.setIfAbsent("metadata.name", "fakename");
            if (named.name().isEmpty()) {
                named.set("metadata.name", "fakename");
            }
            List<FieldError> found =
                    MetadataRules.create(named, !named.namespace().isEmpty(), PATH_SEGMENT);
            found.forEach(finding -> findings.add(
                    new FieldError(finding.reason(), Paths.child(path, finding.field()), finding.message())));
        } else if (object.has("metadata")) {
            findings.add(new FieldError(
                    Reason.INVALID,
                    Paths.child(path, "metadata"),
                    "Invalid value: %s: must be an object".formatted(Values.print(object.get("metadata")))));
        }
    }
}
