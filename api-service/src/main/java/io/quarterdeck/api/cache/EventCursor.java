package io.quarterdeck.api.cache;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One watcher: a cursor into the ring, no queue. Used by one thread, which blocks in {@link #next}.
 */
public interface EventCursor extends AutoCloseable {

    /**
     * The next events, at most {@code max}; empty when none came in time.
     *
     * @throws io.quarterdeck.model.StatusException 410 when the watcher fell out of the ring
     */
    List<WatchEvent> next(int max, Duration atMost) throws InterruptedException;

    /**
     * Has the cache ask every few seconds whether the one who waits has left; {@link #next} then returns. So nobody needs to
     * wake up only to look.
     *
     * @param left asked by another thread; must not block. A wrong yes costs a look
     * @return whether it will be asked
     */
    default boolean lookAfter(BooleanSupplier left) {
        return false;
    }

    /** Every event up to this revision was given out: what a bookmark may say. */
    long progress();

    /** Whether all that existed at the start (see {@link WatchStart.Existing}) was given out. */
    boolean initialEventsDone();

    @Override
    void close();
}
