package io.quarterdeck.api.store.postgres;

import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.StatusException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Transactions in the order in which they came, bounded by count and bytes. Thread-safe. */
final class CommitQueue {

    private static final int RETRY_AFTER_SECONDS = 1;

    private final int maxCount;
    private final long maxBytes;
    private final Deque<PendingWrite> waiting = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private long bytes;
    private boolean closed;

    CommitQueue(int maxCount, long maxBytes) {
        this.maxCount = maxCount;
        this.maxBytes = maxBytes;
    }

    /** @throws StatusException 429 when too much waits, 503 when the store is closed */
    void add(PendingWrite write) {
        lock.lock();
        try {
            if (closed) {
                throw StatusException.unavailable("the store is closed");
            }
            if (waiting.size() >= maxCount || (!waiting.isEmpty() && bytes + write.bytes() > maxBytes)) {
                throw StatusException.tooManyRequests(
                        "the server has received too many requests and has asked us to try again later",
                        RETRY_AFTER_SECONDS);
            }
            waiting.add(write);
            bytes += write.bytes();
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next batch. Within it an object has one transaction that writes it, or any number that guard it;
     * what does not fit stays in its place. Empty when the queue is closed.
     */
    List<PendingWrite> takeBatch(int atMost, long atMostBytes) throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                arrived.await();
            }
            List<PendingWrite> batch = new ArrayList<>();
            List<PendingWrite> passed = new ArrayList<>();
            Set<StoreKey> written = new HashSet<>();
            Set<StoreKey> guarded = new HashSet<>();
            long size = 0;
            while (!waiting.isEmpty() && batch.size() < atMost && passed.size() < atMost) {
                PendingWrite next = waiting.peekFirst();
                if (!batch.isEmpty() && size + next.bytes() > atMostBytes) {
                    break;
                }
                waiting.removeFirst();
                List<StoreKey> writes = next.written();
                List<StoreKey> guards = next.guarded();
                boolean fits = Collections.disjoint(writes, written)
                        && Collections.disjoint(writes, guarded)
                        && Collections.disjoint(guards, written);
                // One that does not fit blocks its objects too: nobody behind it may overtake it there.
                written.addAll(writes);
                guarded.addAll(guards);
                if (fits) {
                    batch.add(next);
                    size += next.bytes();
                    bytes -= next.bytes();
                } else {
                    passed.add(next);
                }
            }
            passed.reversed().forEach(waiting::addFirst);
            return batch;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses what comes from now on, and answers what still waits. */
    List<PendingWrite> close() {
        lock.lock();
        try {
            closed = true;
            arrived.signalAll();
            List<PendingWrite> left = List.copyOf(waiting);
            waiting.clear();
            return left;
        } finally {
            lock.unlock();
        }
    }
}
