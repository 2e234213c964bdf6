package io.quarterdeck.api.cache;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What the feed knows of a watcher: the first event that may concern it and was not looked at yet. */
final class Watcher {

    static final long NOTHING = Long.MAX_VALUE;

    private final Bucket bucket;
    private final AtomicLong pending = new AtomicLong(NOTHING);
    private volatile @Nullable Thread parked;

    /** Where a watcher waits: only events that could concern its selection wake it. */
    record Bucket(Kind kind, String first, String second) {
        static final Bucket ALL = new Bucket(Kind.ALL, "", "");

        enum Kind {
            ALL,
            NAMESPACE,
            NAME,
            KEY,
            FIELD
        }
    }

    Watcher(Bucket bucket) {
        this.bucket = bucket;
    }

    Bucket bucket() {
        return bucket;
    }

    void signal(long number) {
        if (pending.accumulateAndGet(number, Math::min) == number) {
            Thread thread = parked;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
    }

    /** The number of the first event signalled since the last call, or {@link #NOTHING}. */
    long take() {
        return pending.getAndSet(NOTHING);
    }

    /** Waits until something is signalled, at most so long. */
    void await(long nanos) throws InterruptedException {
        parked = Thread.currentThread();
        try {
            if (pending.get() == NOTHING) {
                LockSupport.parkNanos(this, nanos);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        } finally {
            parked = null;
        }
    }
}
