package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.model.GroupVersionKind;
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

    /** RFC 7386. */
    Patched merge(ObjectNode current, byte[] patch, Encoding encoding);

    Patched strategic(ObjectNode current, byte[] patch, Encoding encoding, GroupVersionKind kind);

    /** @param findings duplicate fields of the patch itself, in upstream's words */
    record Patched(ObjectNode tree, java.util.List<String> findings) {}
}
