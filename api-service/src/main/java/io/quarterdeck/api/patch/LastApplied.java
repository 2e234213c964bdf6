package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.CanonicalJson;
import io.quarterdeck.api.schema.Json;
import io.quarterdeck.api.schema.ObjectSchema;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * The annotation in which client-side apply keeps what it applied, so that an object can go from one way of applying to the
 * other and back. Pure.
 *
 * <p>Source: apimachinery's lastAppliedManager and lastAppliedUpdater, KEP-555.
 */
final class LastApplied {

    static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

    private static final int MOST_BYTES_OF_ANNOTATIONS = 256 * 1024;

    private LastApplied() {}

    /**
     * The fields that client-side apply stated and that are still as it stated them.
     *
     * @return empty when the annotation does not tell
     */
    static Optional<FieldSet> owned(TypedTree trees, ObjectNode live, ObjectSchema schema, String apiVersion) {
        String text = live.path("metadata").path("annotations").path(ANNOTATION).asString("");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (!(Json.tree(text.getBytes(StandardCharsets.UTF_8)) instanceof ObjectNode applied)
                    || !applied.path("apiVersion").asString("").equals(apiVersion)) {
                return Optional.empty();
            }
            trees.validate(applied, schema);
            TypedTree.Comparison changes = trees.compare(applied, live, schema);
            return Optional.of(trees.fields(applied, schema)
                    .difference(changes.modified())
                    .difference(changes.added())
                    .difference(changes.removed()));
        } catch (JacksonException | TypedTree.Misfit unreadable) {
            return Optional.empty();
        }
    }

    /** Lets the annotation say what was applied just now, in an object that has it. */
    static void follow(ObjectNode object, ObjectNode configuration) {
        if (!(object.path("metadata").path("annotations") instanceof ObjectNode annotations)
                || annotations.path(ANNOTATION).asString("").isEmpty()) {
            return;
        }
        ObjectNode applied = configuration.deepCopy();
        if (applied.path("metadata").path("annotations") instanceof ObjectNode stated) {
            stated.remove(ANNOTATION);
        }
        annotations.put(ANNOTATION, new String(CanonicalJson.sortedBytes(applied), StandardCharsets.UTF_8) + "\n");
        long size = 0;
        for (var annotation : annotations.properties()) {
            size += bytes(annotation.getKey()) + bytes(annotation.getValue().asString(""));
        }
        if (size > MOST_BYTES_OF_ANNOTATIONS) {
            annotations.remove(ANNOTATION);
        }
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
