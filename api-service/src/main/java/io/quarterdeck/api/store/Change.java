package io.quarterdeck.api.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One committed operation as the change log keeps it.
 *
 * @param entry the state after it; for a deletion the last state, carrying the deletion's revision
 * @param previousRevision the revision of the state before, 0 when it was absent
 * @param transactionRevision the revision of the first operation of its transaction
 */
public record Change(
        Type type,
        Entry entry,
        long previousRevision,
        long transactionRevision,
        Instant at,
        String actor,
        @Nullable String auditId,
        @Nullable String cause) {

    /** The event type that watchers without a selector see. */
    public enum Type {
        ADDED,
        MODIFIED,
        DELETED
    }
}
