package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.CanonicalJson;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.GoText;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The patches that need no knowledge of owners. Each reads the patch, works on a copy of {@code current} and leaves the
 * result unchecked: the caller has the codec judge it. Thread-safe.
 *
 * <p>All throw {@link io.quarterdeck.model.StatusException} in upstream's words: 400 for a patch that cannot be read, 422
 * for one that does not fit, 413 for too many operations.
 */
public interface Patcher {

    /** RFC 6902. */
    Patched json(ObjectNode current, byte[] patch);

    /**
     * RFC 6902, for those who are to know what is wrong.
     *
     * @throws PatchMisfitException when an operation does not fit
     */
    ObjectNode fitting(ObjectNode current, byte[] patch) throws PatchMisfitException;

    /** RFC 7386. */
    Patched merge(ObjectNode current, byte[] patch, Encoding encoding);

    Patched strategic(ObjectNode current, byte[] patch, Encoding encoding, GroupVersionKind kind);

    /**
     * @param findings duplicate fields of the patch itself, in upstream's words
     * @param changes what a strategic patch says; null for the others
     * @param schema what the result of a strategic patch is judged by; null for the others
     */
    record Patched(
            ObjectNode tree,
            List<String> findings,
            @Nullable ObjectNode changes,
            @Nullable ObjectSchema schema) {

        /** The 422 for a result that is no object of its kind. {@code why} is the text of the codec's refusal. */
        public StatusException refused(String why) {
            String shown = changes == null
                    ? new String(CanonicalJson.bytes(tree), StandardCharsets.UTF_8)
                    : GoText.of(changes);
            String reason = changes == null ? why : Unconverted.text(tree, schema, why);
            return StatusException.invalid(
                    "",
                    "",
                    "",
                    List.of(new FieldError(
                            FieldError.Reason.INVALID,
                            "patch",
                            "Invalid value: %s: %s".formatted(quoted(shown), reason))));
        }

        private static String quoted(String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
        }
    }
}
