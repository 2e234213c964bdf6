package io.quarterdeck.api.cache;

import io.quarterdeck.api.cache.Watcher.Bucket;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.ObjectKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The watchers of one storage, by what can concern them. Thread-safe. */
final class WatcherBuckets {

    private static final long NANOS_FOR_EACH = 50_000;
    private static final long LEAST_PACE_NANOS = 2_000_000;
    private static final long MOST_PACE_NANOS = 50_000_000;

    private final Map<Bucket, Set<Watcher>> buckets = new ConcurrentHashMap<>();

    /** The same watchers without their buckets, of which there may be as many. */
    private final Set<Watcher> all = ConcurrentHashMap.newKeySet();

    private volatile long announced;
    private long largest;

    static Bucket bucketOf(Selection selection) {
        if (!selection.name().isEmpty()) {
            return selection.namespace().isEmpty()
                    ? new Bucket(Bucket.Kind.NAME, selection.name(), "")
                    : new Bucket(Bucket.Kind.KEY, selection.namespace(), selection.name());
        }
        for (FieldSelector.Requirement requirement : selection.fields().requirements()) {
            if (requirement.equal() && !requirement.value().isEmpty()) {
                switch (requirement.field()) {
                    case "metadata.name" -> {
                        return new Bucket(Bucket.Kind.NAME, requirement.value(), "");
                    }
                    case "metadata.namespace" -> {
                        return new Bucket(Bucket.Kind.NAMESPACE, requirement.value(), "");
                    }
                    default -> {
                        return new Bucket(Bucket.Kind.FIELD, requirement.field(), requirement.value());
                    }
                }
            }
        }
        return selection.namespace().isEmpty()
                ? Bucket.ALL
                : new Bucket(Bucket.Kind.NAMESPACE, selection.namespace(), "");
    }

    void add(Watcher watcher) {
        all.add(watcher);
        buckets.compute(watcher.bucket(), (bucket, watchers) -> {
            Set<Watcher> members = watchers == null ? ConcurrentHashMap.newKeySet() : watchers;
            members.add(watcher);
            return members;
        });
    }

    void remove(Watcher watcher) {
        all.remove(watcher);
        buckets.computeIfPresent(watcher.bucket(), (bucket, watchers) -> {
            watchers.remove(watcher);
            return watchers.isEmpty() ? null : watchers;
        });
    }

    int size() {
        return all.size();
    }

    /**
     * How long one round of waking should be away from the next: under load a watcher sends all that is due at once, and
     * the more there are, the more a round costs.
     */
    synchronized long paceNanos() {
        return Math.clamp(largest * NANOS_FOR_EACH, LEAST_PACE_NANOS, MOST_PACE_NANOS);
    }

    /** Wakes those that have waited for nothing as long as they wanted to. */
    void wakeOverdue(long now) {
        all.forEach(watcher -> watcher.wakeWhenOverdue(now));
    }

    /** Up to this number, whoever an event may concern has been signalled. */
    long announced() {
        return announced;
    }

    /** Wakes whoever the events since the last call may concern. */
    synchronized void announce(EventRing ring) {
        long tail = ring.tail();
        largest = 0;
        for (long number = announced + 1; number <= tail && !buckets.isEmpty(); number++) {
            RingEvent event = ring.at(number);
            if (event == null) {
                // The ring was emptied: everyone has to start anew.
                long dropped = number;
                buckets.values().forEach(watchers -> watchers.forEach(watcher -> watcher.signal(dropped)));
            } else {
                announce(event, number);
            }
        }
        announced = tail;
    }

    private void announce(RingEvent event, long number) {
        ObjectKey key = event.entry().key().key();
        signal(Bucket.ALL, number);
        signal(new Bucket(Bucket.Kind.NAMESPACE, key.namespace(), ""), number);
        signal(new Bucket(Bucket.Kind.NAME, key.name(), ""), number);
        signal(new Bucket(Bucket.Kind.KEY, key.namespace(), key.name()), number);
        announceFields(event.entry(), number);
        announceFields(event.previous(), number);
    }

    private void announceFields(@Nullable Entry state, long number) {
        if (state != null) {
            state.header()
                    .fields()
                    .forEach((field, value) -> signal(new Bucket(Bucket.Kind.FIELD, field, value), number));
        }
    }

    private void signal(Bucket bucket, long number) {
        Set<Watcher> watchers = buckets.get(bucket);
        if (watchers != null) {
            largest = Math.max(largest, watchers.size());
            watchers.forEach(watcher -> watcher.signal(number));
        }
    }
}
