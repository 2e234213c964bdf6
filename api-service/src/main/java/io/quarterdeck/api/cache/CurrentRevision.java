package io.quarterdeck.api.cache;

import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/** A revision that grows, and threads that wait until it has grown far enough. */
final class CurrentRevision {

    private volatile long revision;
    private final PriorityBlockingQueue<Waiter> waiters =
            new PriorityBlockingQueue<>(16, Comparator.comparingLong(Waiter::revision));

    private record Waiter(long revision, Thread thread) {}

    long get() {
        return revision;
    }

    void advance(long to) {
        revision = to;
        for (Waiter least = waiters.peek(); least != null && least.revision <= to; least = waiters.peek()) {
            // Waiters that time out remove themselves, so whoever is taken here may be another one: it only looks
            // again.
            Waiter taken = waiters.poll();
            if (taken != null) {
                LockSupport.unpark(taken.thread);
            }
        }
    }

    /** Whether the revision was reached in time. */
    boolean await(long wanted, Duration atMost) {
        if (revision >= wanted) {
            return true;
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        Waiter waiter = new Waiter(wanted, Thread.currentThread());
        waiters.add(waiter);
        try {
            while (revision < wanted) {
                long left = deadline - System.nanoTime();
                if (left <= 0 || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                LockSupport.parkNanos(this, left);
                if (revision < wanted && !waiters.contains(waiter)) {
                    waiters.add(waiter);
                }
            }
            return true;
        } finally {
            waiters.remove(waiter);
        }
    }
}
