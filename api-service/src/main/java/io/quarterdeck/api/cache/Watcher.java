package io.quarterdeck.api.cache;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What the feed knows of a watcher: the first event that may concern it and was not looked at yet. */
final class Watcher {

    static final long NOTHING = Long.MAX_VALUE;

    /** How often the feed looks for watchers that have waited long enough. */
    static final long TICK_NANOS = 1_000_000_000L;

    private static final long COARSE_NANOS = 2 * TICK_NANOS;
    private static final long LOOK_NANOS = 3_000_000_000L;

    private final Bucket bucket;
    private final AtomicLong pending = new AtomicLong(NOTHING);
    private volatile @Nullable Thread parked;
    private volatile long deadline = NOTHING;
    private volatile long lookDue;
    private volatile @Nullable BooleanSupplier left;
    private volatile boolean called;

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

    /** Answers false when it has not looked at what it was told of before: who does not read costs nothing. */
    boolean signal(long number) {
        long before = pending.getAndAccumulate(number, Math::min);
        if (number <= before) {
            Thread thread = parked;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
        return before == NOTHING;
    }

    /** The number of the first event signalled since the last call, or {@link #NOTHING}. */
    long take() {
        return pending.getAndSet(NOTHING);
    }

    /** Waits until something is signalled, at most so long; long waits end up to {@link #TICK_NANOS} late. */
    void await(long nanos) throws InterruptedException {
        parked = Thread.currentThread();
        try {
            if (nanos < COARSE_NANOS) {
                if (pending.get() == NOTHING && !called) {
                    LockSupport.parkNanos(this, nanos);
                }
            } else {
                // A timer of its own for each wait would cost more than most deliveries.
                deadline = System.nanoTime() + nanos;
                if (pending.get() == NOTHING && !called) {
                    LockSupport.park(this);
                }
                deadline = NOTHING;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        } finally {
            parked = null;
        }
    }

    void lookAfter(BooleanSupplier whetherLeft) {
        lookDue = System.nanoTime() + LOOK_NANOS;
        left = whetherLeft;
    }

    /** Whether it was woken for another reason than an event since the last call. */
    boolean wasCalled() {
        boolean was = called;
        called = false;
        return was;
    }

    private boolean hasLeft(long now) {
        BooleanSupplier asked = left;
        if (asked == null || now - lookDue < 0) {
            return false;
        }
        lookDue = now + LOOK_NANOS;
        try {
            return asked.getAsBoolean();
        } catch (RuntimeException ended) {
            // The connection is just being given up: the watcher will see.
            return true;
        }
    }

    void wakeWhenOverdue(long now) {
        long due = deadline;
        boolean gone = hasLeft(now);
        if (gone) {
            called = true;
        }
        if (gone || due != NOTHING && now - due >= 0) {
            Thread thread = parked;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
    }
}
