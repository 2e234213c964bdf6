package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** A watcher's place in the ring of its storage. */
final class RingCursor implements EventCursor {

    private final StorageCache cache;
    private final Selection selection;
    private final Watcher watcher;
    private final WatcherBuckets.Group group;
    private final LongSupplier visibleRevision;
    private List<Entry> initial;
    private int given;
    private long scanned;
    private boolean behind = true;
    private long progress;
    private final long startRevision;

    /**
     * @param scanned the number of the last event that needs no look
     * @param startRevision events up to this revision are not wanted
     */
    RingCursor(
            StorageCache cache,
            Selection selection,
            LongSupplier visibleRevision,
            List<Entry> initial,
            long scanned,
            long startRevision) {
        this.cache = cache;
        this.selection = selection;
        this.visibleRevision = visibleRevision;
        this.initial = initial;
        this.scanned = scanned;
        this.startRevision = startRevision;
        this.progress = startRevision;
        this.watcher = new Watcher(WatcherBuckets.bucketOf(selection));
        this.group = cache.watchers().add(watcher);
    }

    @Override
    public List<WatchEvent> next(int max, Duration atMost) throws InterruptedException {
        if (given < initial.size()) {
            return nextInitial(max);
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            List<WatchEvent> events = scan(max);
            if (!events.isEmpty()) {
                return events;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return events;
            }
            if (!behind) {
                watcher.await(left);
                if (watcher.wasCalled()) {
                    return events;
                }
            }
        }
    }

    @Override
    public boolean lookAfter(BooleanSupplier left) {
        watcher.lookAfter(left);
        return true;
    }

    private List<WatchEvent> nextInitial(int max) {
        int end = Math.min(initial.size(), given + max);
        List<WatchEvent> events = initial.subList(given, end).stream()
                .map(entry -> new WatchEvent(Change.Type.ADDED, entry, null))
                .toList();
        given = end;
        if (given == initial.size()) {
            initial = List.of();
            given = 0;
        }
        return events;
    }

    /** Looks at what is due; an unsignalled watcher that was up to date has missed nothing, and looks at nothing. */
    private List<WatchEvent> scan(int max) {
        long visible = visibleRevision.getAsLong();
        // In this order: what is announced here is held or signalled, what is no longer held is signalled, and what is
        // signalled behind the tail that is read here stays signalled.
        long announced = cache.watchers().announced();
        announced = Math.min(announced, group.held() - 1);
        EventRing ring = cache.ring();
        long first = watcher.take();
        long tail = ring.tail();
        if (!behind) {
            if (first == Watcher.NOTHING) {
                scanned = Math.max(scanned, announced);
                if (scanned >= tail) {
                    progress = Math.max(progress, visible);
                }
                return List.of();
            }
            scanned = Math.max(scanned, first - 1);
        }
        List<WatchEvent> events = new ArrayList<>();
        while (scanned < tail && events.size() < max) {
            RingEvent event = ring.at(scanned + 1);
            if (event == null) {
                throw expired(progress, ring.floor());
            }
            scanned++;
            if (event.revision() > startRevision) {
                WatchEvent seen = event.seenBy(selection);
                if (seen != null) {
                    events.add(seen);
                }
                progress = event.revision();
            }
        }
        behind = scanned < tail;
        if (!behind) {
            progress = Math.max(progress, visible);
        }
        return events;
    }

    static StatusException expired(long revision, long floor) {
        return StatusException.expired("too old resource version: %d (%d)".formatted(revision, floor));
    }

    @Override
    public long progress() {
        return progress;
    }

    @Override
    public boolean initialEventsDone() {
        return given >= initial.size();
    }

    @Override
    public void close() {
        cache.watchers().remove(watcher);
    }
}
