package io.quarterdeck.reconcile;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys that wait to be looked at. A key waits at most once, however often it is added (so the queue is bounded by the
 * objects there are), and is never handed out twice at once: one that is added while it is in work waits until
 * {@link #done}. Failed keys return after a delay that doubles from 5 ms to 1000 s. Thread-safe. Source: client-go,
 * util/workqueue.
 */
public final class WorkQueue<K> {

    private static final long FIRST_BACK_OFF = Duration.ofMillis(5).toNanos();
    private static final long LAST_BACK_OFF = Duration.ofSeconds(1000).toNanos();

    private final LongSupplier nanoTime;
    private final WorkQueueMetrics metrics;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<K> ready = new ArrayDeque<>();
    /** Waiting, or added while in work. */
    private final Set<K> dirty = new HashSet<>();

    private final Map<K, Long> inWork = new HashMap<>();
    private final Map<K, Long> addedAt = new HashMap<>();
    private final PriorityQueue<Delayed<K>> delayed = new PriorityQueue<>(Comparator.comparingLong(Delayed::due));
    private final Map<K, Long> delayedUntil = new HashMap<>();
    private final Map<K, Integer> failures = new HashMap<>();
    private boolean closed;

    private record Delayed<K>(K key, long due) {}

    public WorkQueue(LongSupplier nanoTime, WorkQueueMetrics metrics) {
        this.nanoTime = nanoTime;
        this.metrics = metrics;
    }

    public void add(K key) {
        lock.lock();
        try {
            addLocked(key, nanoTime.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    private void addLocked(K key, long now) {
        if (closed || !dirty.add(key)) {
            return;
        }
        metrics.added();
        addedAt.put(key, now);
        if (!inWork.containsKey(key)) {
            ready.addLast(key);
            metrics.depth(ready.size());
            changed.signal();
        }
    }

    /** Adds the key when the delay is over. Of several delays of one key the earliest counts. */
    public void addAfter(K key, Duration delay) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (delay.isNegative() || delay.isZero()) {
                addLocked(key, nanoTime.getAsLong());
                return;
            }
            metrics.retried();
            long due = nanoTime.getAsLong() + delay.toNanos();
            Long known = delayedUntil.get(key);
            if (known == null || due - known < 0) {
                delayedUntil.put(key, due);
                delayed.add(new Delayed<>(key, due));
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds the key after its back-off, which doubles until {@link #forget}. */
    public void addRateLimited(K key) {
        addAfter(key, nextBackOff(key));
    }

    private Duration nextBackOff(K key) {
        lock.lock();
        try {
            int before = failures.merge(key, 1, Integer::sum) - 1;
            long delay = before >= 40 ? LAST_BACK_OFF : Math.min(LAST_BACK_OFF, FIRST_BACK_OFF << before);
            return Duration.ofNanos(delay < 0 ? LAST_BACK_OFF : delay);
        } finally {
            lock.unlock();
        }
    }

    /** How often the key failed since it was last forgotten. */
    public int failures(K key) {
        lock.lock();
        try {
            return failures.getOrDefault(key, 0);
        } finally {
            lock.unlock();
        }
    }

    /** The key succeeded: its back-off starts anew. */
    public void forget(K key) {
        lock.lock();
        try {
            failures.remove(key);
        } finally {
            lock.unlock();
        }
    }

    /** The next key, waiting for one; empty once the queue is closed. Each key taken must be {@link #done}. */
    public Optional<K> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                K key = nextLocked();
                if (key != null) {
                    return Optional.of(key);
                }
                Delayed<K> first = delayed.peek();
                if (first == null) {
                    changed.await();
                } else {
                    changed.await(Math.max(1, first.due() - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** The next key if there is one now. */
    public Optional<K> poll() {
        lock.lock();
        try {
            return closed ? Optional.empty() : Optional.ofNullable(nextLocked());
        } finally {
            lock.unlock();
        }
    }

    private @Nullable K nextLocked() {
        long now = nanoTime.getAsLong();
        for (Delayed<K> due = delayed.peek(); due != null && due.due() - now <= 0; due = delayed.peek()) {
            delayed.remove();
            // A later delay of the same key may have been replaced by an earlier one.
            if (delayedUntil.remove(due.key(), due.due())) {
                addLocked(due.key(), now);
            }
        }
        K key = ready.pollFirst();
        if (key == null) {
            return null;
        }
        dirty.remove(key);
        inWork.put(key, now);
        Long added = addedAt.remove(key);
        metrics.depth(ready.size());
        metrics.waited(Duration.ofNanos(added == null ? 0 : now - added));
        if (!ready.isEmpty()) {
            changed.signal();
        }
        return key;
    }

    public void done(K key) {
        lock.lock();
        try {
            Long since = inWork.remove(key);
            if (since != null) {
                metrics.worked(Duration.ofNanos(nanoTime.getAsLong() - since));
            }
            if (dirty.contains(key) && !closed) {
                ready.addLast(key);
                metrics.depth(ready.size());
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Keys that wait now; those in work or delayed are not counted. */
    public int depth() {
        lock.lock();
        try {
            return ready.size();
        } finally {
            lock.unlock();
        }
    }

    /** Seconds that the keys in work have been in work: together, and the longest. */
    double[] unfinishedSeconds() {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            long sum = 0;
            long longest = 0;
            for (long since : inWork.values()) {
                sum += now - since;
                longest = Math.max(longest, now - since);
            }
            return new double[] {sum / 1e9, longest / 1e9};
        } finally {
            lock.unlock();
        }
    }

    /** Wakes all who wait; nothing is handed out afterwards. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            ready.clear();
            dirty.clear();
            delayed.clear();
            delayedUntil.clear();
            metrics.depth(0);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
