package io.quarterdeck.api.operations.history;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change without its body.
 *
 * @param change ADDED, MODIFIED or DELETED
 * @param key {@code namespace/name}
 * @param transactionRevision equal for all changes that happened together
 */
public record HistoryRow(
        long revision,
        Instant at,
        String change,
        String group,
        String resource,
        String key,
        String uid,
        long previousRevision,
        long transactionRevision,
        String actor,
        @Nullable String auditId,
        @Nullable String cause) {

    private static final String[] TYPES = {"ADDED", "MODIFIED", "DELETED"};

    /** As the query makes it. */
    public HistoryRow(
            long revision,
            Instant at,
            short type,
            String group,
            String resource,
            String key,
            String uid,
            long previousRevision,
            long transactionRevision,
            String actor,
            @Nullable String auditId,
            @Nullable String cause) {
        this(
                revision,
                at,
                TYPES[type],
                group,
                resource,
                key,
                uid,
                previousRevision,
                transactionRevision,
                actor,
                auditId,
                cause);
    }
}
