package io.quarterdeck.api.cache;

import io.quarterdeck.api.cache.Watcher.Bucket;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.ObjectKey;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The watchers of one storage, by what can concern them, and when they are told. Thread-safe. */
final class WatcherBuckets {

    private static final int FEW = 200;
    private static final long NANOS_FOR_EACH_OF_FEW = 25_000;
    private static final long NANOS_FOR_EACH_OTHER = 745_000;
    private static final long LEAST_PACE_NANOS = 2_000_000;

    /** Rounds that a small group saves up while it is quiet: changes come in bursts, and only lasting ones should wait. */
    private static final int ROUNDS_IN_A_ROW = 3;

    private static final long MOST_PACE_NANOS = 600_000_000;

    private final Map<Bucket, Group> groups = new ConcurrentHashMap<>();

    /** The same watchers without their groups, of which there may be as many. */
    private final Set<Watcher> all = ConcurrentHashMap.newKeySet();

    /** Groups that wait for their next round. */
    private final Set<Group> waiting = new HashSet<>();

    private volatile long announced;

    /** The least number that a waiting group holds, or {@link Watcher#NOTHING}. */
    private volatile long leastHeld = Watcher.NOTHING;

    private long nextRound = System.nanoTime();

    /** The watchers of one bucket, who are told together. */
    static final class Group {
        private final Set<Watcher> members = ConcurrentHashMap.newKeySet();
        private volatile long held = Watcher.NOTHING;
        private long nextRound = System.nanoTime();

        /** The number of the first event that was announced and not yet signalled here, or {@link Watcher#NOTHING}. */
        long held() {
            return held;
        }
    }

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

    Group add(Watcher watcher) {
        all.add(watcher);
        return groups.compute(watcher.bucket(), (bucket, present) -> {
            Group group = present == null ? new Group() : present;
            group.members.add(watcher);
            return group;
        });
    }

    void remove(Watcher watcher) {
        all.remove(watcher);
        groups.computeIfPresent(watcher.bucket(), (bucket, group) -> {
            group.members.remove(watcher);
            return group.members.isEmpty() ? null : group;
        });
    }

    int size() {
        return all.size();
    }

    /**
     * How long one round of a group should be away from the next: what a delivery costs is its write, and only frames that
     * share one make many deliveries possible. Of two hundred watchers each adds 25 µs. A round costs some 45 µs for each,
     * so beyond that a group takes less than a tenth of a core: a thousand are told every 600 ms, and more wait no longer.
     * The proxies of a large cluster, of whom such crowds are made, gather changes for a second (kube-proxy's
     * minSyncPeriod). Watchers that do not read what they are told do not count.
     */
    static long paceNanos(int watchers) {
        return Math.clamp(
                Math.min(watchers, FEW) * NANOS_FOR_EACH_OF_FEW + Math.max(watchers - FEW, 0) * NANOS_FOR_EACH_OTHER,
                LEAST_PACE_NANOS,
                MOST_PACE_NANOS);
    }

    /** Wakes those that have waited for nothing as long as they wanted to. */
    void wakeOverdue(long now) {
        all.forEach(watcher -> watcher.wakeWhenOverdue(now));
    }

    /** Up to this number, whoever an event may concern has been signalled, or its group holds it. */
    long announced() {
        return announced;
    }

    /** Signals all that is due; answers after how many nanoseconds more will be, or 0 for nothing. */
    synchronized long announce(EventRing ring, long now) {
        if (announced != ring.tail() && now - nextRound >= 0) {
            nextRound = now + LEAST_PACE_NANOS;
            announce(ring);
        }
        tellThose(group -> now - group.nextRound >= 0, now);
        long next = announced == ring.tail() ? Long.MAX_VALUE : nextRound - now;
        for (Group group : waiting) {
            next = Math.min(next, group.nextRound - now);
        }
        return next == Long.MAX_VALUE ? 0 : next;
    }

    /** Signals events up to this number to whoever was not told of them, whatever the pace; who waits for later ones, waits. */
    void announceThrough(EventRing ring, long number, long now) {
        // In this order: what is announced is held already, unless it was told. Who writes does not wait for a round.
        if (announced >= number && leastHeld > number) {
            return;
        }
        announceHeld(ring, number, now);
    }

    private synchronized void announceHeld(EventRing ring, long number, long now) {
        if (announced < number) {
            announce(ring);
        }
        tellThose(group -> group.held <= number, now);
    }

    private void announce(EventRing ring) {
        long tail = ring.tail();
        for (long number = announced + 1; number <= tail && !groups.isEmpty(); number++) {
            RingEvent event = ring.at(number);
            if (event == null) {
                // The ring was emptied: everyone has to start anew.
                for (Group group : groups.values()) {
                    hold(group, number);
                }
            } else {
                announce(event, number);
            }
        }
        announced = tail;
    }

    private void announce(RingEvent event, long number) {
        ObjectKey key = event.entry().key().key();
        announce(Bucket.ALL, number);
        announce(new Bucket(Bucket.Kind.NAMESPACE, key.namespace(), ""), number);
        announce(new Bucket(Bucket.Kind.NAME, key.name(), ""), number);
        announce(new Bucket(Bucket.Kind.KEY, key.namespace(), key.name()), number);
        announceFields(event.entry(), number);
        announceFields(event.previous(), number);
    }

    private void announceFields(@Nullable Entry state, long number) {
        if (state != null) {
            state.header()
                    .fields()
                    .forEach((field, value) -> announce(new Bucket(Bucket.Kind.FIELD, field, value), number));
        }
    }

    private void announce(Bucket bucket, long number) {
        Group group = groups.get(bucket);
        if (group != null) {
            hold(group, number);
        }
    }

    private void hold(Group group, long number) {
        if (group.held == Watcher.NOTHING) {
            group.held = number;
            leastHeld = Math.min(leastHeld, number);
            waiting.add(group);
        }
    }

    private void tellThose(Predicate<Group> due, long now) {
        long least = Watcher.NOTHING;
        for (var groups = waiting.iterator(); groups.hasNext(); ) {
            Group group = groups.next();
            if (due.test(group)) {
                tell(group, now);
                groups.remove();
            } else {
                least = Math.min(least, group.held);
            }
        }
        leastHeld = least;
    }

    /** Signals before it lets go: who finds nothing held finds what is signalled. */
    private static void tell(Group group, long now) {
        long first = group.held;
        int told = 0;
        for (Watcher watcher : group.members) {
            told += watcher.signal(first) ? 1 : 0;
        }
        group.held = Watcher.NOTHING;
        long pace = paceNanos(told);
        long saved = told <= FEW ? ROUNDS_IN_A_ROW * pace : 0;
        group.nextRound = Math.max(group.nextRound + pace, now + pace - saved);
    }
}
