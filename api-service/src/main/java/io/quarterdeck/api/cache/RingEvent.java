package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.RevisionSlot;
import org.jspecify.annotations.Nullable;

/** One change with the state before it. Immutable but for what it makes on demand. */
final class RingEvent {

    /** What an event costs beside the bodies it keeps. */
    private static final int OVERHEAD = 96;

    private final Change.Type type;
    private final @Nullable Entry previous;
    private final Entry entry;
    private @Nullable WatchEvent departure;

    RingEvent(Change.Type type, @Nullable Entry previous, Entry entry) {
        this.type = type;
        this.previous = previous;
        this.entry = entry;
    }

    long revision() {
        return entry.revision();
    }

    @Nullable Entry previous() {
        return previous;
    }

    Entry entry() {
        return entry;
    }

    /** The bytes that only the ring keeps alive: what the tree holds is not counted. */
    long bytes() {
        return OVERHEAD
                + (previous == null ? 0 : previous.body().length)
                + (type == Change.Type.DELETED ? entry.body().length : 0);
    }

    /** What a watcher with this selection sees of the change, or null when nothing. */
    @Nullable WatchEvent seenBy(Selection selection) {
        boolean was = previous != null && selection.matches(previous);
        boolean is = type != Change.Type.DELETED && selection.matches(entry);
        if (is) {
            return new WatchEvent(was ? Change.Type.MODIFIED : Change.Type.ADDED, entry, previous);
        }
        return was ? departure() : null;
    }

    private WatchEvent departure() {
        WatchEvent known = departure;
        if (known == null) {
            known = new WatchEvent(Change.Type.DELETED, departed(), previous);
            departure = known;
        }
        return known;
    }

    private Entry departed() {
        if (type == Change.Type.DELETED || previous == null) {
            return entry;
        }
        return new Entry(
                previous.key(),
                entry.revision(),
                previous.createdRevision(),
                previous.storedVersion(),
                RevisionSlot.fill(previous.body(), entry.revision()),
                previous.header());
    }
}
