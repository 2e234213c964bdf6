package io.quarterdeck.api.store;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The places between two durable steps at which a process may die and leave half of something behind. Passing one does
 * nothing, unless a test in the same process has armed it. Thread-safe.
 */
public enum CrashPoint {
    /** A batch was taken from the queue and not sent. */
    BATCH_TAKEN,
    /** A batch is committed; neither cache nor callers know. */
    BATCH_COMMITTED,
    /** A batch is in the cache; its callers have no answer. */
    BATCH_VISIBLE,
    /** A partition's table exists and is not attached. */
    PARTITION_MADE,
    /** Readers are told that changes are gone; they are still there. */
    HORIZON_MOVED,
    /** A partition is detached and still on the disk. */
    PARTITION_DETACHED,
    /** A predecessor is fenced; nothing is read or written yet. */
    RELAY_BEGUN,
    /** Changes and cursor are with Kafka in a transaction that is not committed. */
    CHANGES_SENT,
    /** They are committed. */
    CHANGES_PUBLISHED,
    /** Consumers are told to begin anew; the snapshot is not written. */
    RESET_TOLD,
    /** The snapshot is written; the cursor stands where it stood. */
    SNAPSHOT_WRITTEN;

    private static volatile @Nullable Consumer<CrashPoint> trap;

    /** Says that this place is passed. */
    public void passed() {
        Consumer<CrashPoint> armed = trap;
        if (armed != null) {
            armed.accept(this);
        }
    }

    /** For tests: from now on {@code reaction} is called at each place, by the thread that passes it. Null disarms. */
    public static void arm(@Nullable Consumer<CrashPoint> reaction) {
        trap = reaction;
    }
}
