package io.quarterdeck.api.store;

import io.quarterdeck.model.GroupResource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Objects and their order. A committed transaction gives each of its operations a revision greater than every revision
 * committed before it, without gaps; a revision is the resourceVersion. Thread-safe.
 */
public interface OrderedStore extends AutoCloseable {

    /**
     * Completes in commit order with the new entries, in the order of the operations. Completes exceptionally with
     * {@link ConflictException} when an expectation or guard fails, with {@link io.quarterdeck.model.StatusException}
     * 429 when too much waits, and with 504 when the outcome stays unknown.
     */
    CompletableFuture<List<Entry>> commit(Transaction transaction);

    /** The highest committed revision, read now: every commit that was answered before this call is below or at it. */
    long committedRevision();

    /** The highest revision whose changes the log no longer holds. */
    long compactedRevision();

    /** Changes whenever revisions may have been lost (restore, failover): what was known before must be read anew. */
    String epoch();

    /** Everything stored, storage by storage, each in key order; answers the revision that it reflects. */
    long load(Consumer<Entry> each);

    /**
     * At most {@code limit} changes behind {@code revision}, in order, without gaps.
     *
     * @throws CompactedException when the log no longer holds them all
     */
    List<Change> changesAfter(long revision, int limit);

    /** The changes that have one of these revisions, as far as the log still holds them, in order. */
    List<Change> changesAt(Collection<Long> revisions);

    /** Tells {@code follower} of what is committed, until the answer is closed. */
    AutoCloseable follow(Follower follower);

    /** Keeps up with the store. Both calls come from threads of the store and should return soon. */
    interface Follower {

        /**
         * What this process has just committed, in commit order; its callers are answered when this returns. Another
         * process may have committed before it: then the batch does not begin at the revision that follows the last
         * one seen, and the log has the rest.
         */
        void committed(List<Change> batch);

        /** There may be changes beyond those seen; a wake-up, never data. */
        void wakeUp();
    }

    /**
     * Lets revisions jump by 2^32 and changes the epoch, so that every client reads anew: for data that were restored in
     * a way that the store cannot notice.
     */
    void raiseEpoch();

    /** Makes a storage known; repeated calls are harmless. Must precede the first commit to it. */
    void register(GroupResource storage);

    @Override
    void close();
}
