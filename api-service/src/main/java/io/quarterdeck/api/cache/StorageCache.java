package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One storage: the current tree with its indexes, the ring behind it, and who watches. One thread at a time feeds. */
final class StorageCache {

    private final GroupResource storage;
    private final EventRing ring;
    private final WatcherBuckets watchers = new WatcherBuckets();
    private volatile State state;

    /**
     * Everything that a reader needs, at one moment.
     *
     * @param lastRevision of the last change that the tree shows, or of its load: the tree is the state at it and not
     *     necessarily at any revision before
     * @param tail the number of that change's event in the ring
     */
    record State(
            OrderedTree<Entry, ObjectKey> tree,
            SelectorIndex labels,
            SelectorIndex fields,
            long lastRevision,
            long tail) {}

    StorageCache(GroupResource storage, long floor) {
        this.storage = storage;
        this.ring = new EventRing(floor);
        this.state = new State(emptyTree(), SelectorIndex.EMPTY, SelectorIndex.EMPTY, floor, 0);
    }

    private static OrderedTree<Entry, ObjectKey> emptyTree() {
        return OrderedTree.empty(StorageCache::keyOf, ObjectKey::compareTo);
    }

    private static ObjectKey keyOf(Entry entry) {
        return entry.key().key();
    }

    GroupResource storage() {
        return storage;
    }

    EventRing ring() {
        return ring;
    }

    WatcherBuckets watchers() {
        return watchers;
    }

    State state() {
        return state;
    }

    /** Forgets the oldest event, after whoever it may concern was woken. */
    void dropOldestEvent() {
        watchers.announceThrough(ring, ring.head(), System.nanoTime());
        ring.dropOldest();
    }

    /** Wakes whoever new events may concern and whose turn it is; answers after how many nanoseconds it is another's, or 0. */
    long announce(long now) {
        return watchers.announce(ring, now);
    }

    /** Replaces everything by the state at {@code revision}; watchers from before find their place gone. */
    void reset(List<Entry> sorted, long revision, long floor) {
        ring.clear(floor);
        SelectorIndex labels = SelectorIndex.EMPTY;
        SelectorIndex fields = SelectorIndex.EMPTY;
        for (Entry entry : sorted) {
            labels = labels.moved(keyOf(entry), Map.of(), entry.header().labels());
            fields = fields.moved(keyOf(entry), Map.of(), entry.header().fields());
        }
        state = new State(
                OrderedTree.ofSorted(StorageCache::keyOf, ObjectKey::compareTo, sorted),
                labels,
                fields,
                revision,
                ring.tail());
    }

    /** Puts an event of the past into the ring, without touching the tree that already shows it. */
    void recall(RingEvent event) {
        ring.append(event);
        State now = state;
        state = new State(now.tree, now.labels, now.fields, now.lastRevision, ring.tail());
    }

    /** Applies changes of this storage, in order, and shows them at once. */
    void apply(List<Change> changes) {
        State now = state;
        OrderedTree<Entry, ObjectKey> tree = now.tree;
        SelectorIndex labels = now.labels;
        SelectorIndex fields = now.fields;
        long last = now.lastRevision;
        for (Change change : changes) {
            Entry entry = change.entry();
            ObjectKey key = keyOf(entry);
            Entry previous = tree.get(key);
            boolean deleted = change.type() == Change.Type.DELETED;
            tree = deleted ? tree.without(key) : tree.with(entry);
            labels = labels.moved(
                    key,
                    previous == null ? Map.of() : previous.header().labels(),
                    deleted ? Map.of() : entry.header().labels());
            fields = fields.moved(
                    key,
                    previous == null ? Map.of() : previous.header().fields(),
                    deleted ? Map.of() : entry.header().fields());
            ring.append(new RingEvent(change.type(), previous, entry));
            last = entry.revision();
        }
        state = new State(tree, labels, fields, last, ring.tail());
    }

    /** The tree as it was at {@code revision}, or null when the ring does not reach back so far. */
    @Nullable OrderedTree<Entry, ObjectKey> treeAt(State now, long revision) {
        if (revision < ring.floor()) {
            return null;
        }
        Map<ObjectKey, RingEvent> oldest = new LinkedHashMap<>();
        for (long number = now.tail; number > 0; number--) {
            RingEvent event = ring.at(number);
            if (event == null || event.revision() <= revision) {
                break;
            }
            oldest.put(keyOf(event.entry()), event);
        }
        if (revision < ring.floor()) {
            // The ring lost its end while it was read.
            return null;
        }
        OrderedTree<Entry, ObjectKey> tree = now.tree;
        for (Map.Entry<ObjectKey, RingEvent> undone : oldest.entrySet()) {
            Entry previous = undone.getValue().previous();
            tree = previous == null ? tree.without(undone.getKey()) : tree.with(previous);
        }
        return tree;
    }

    /** At most {@code limit} (0: all) entries of the selection, in order. */
    static Page page(
            OrderedTree<Entry, ObjectKey> tree,
            @Nullable SelectorIndex labels,
            @Nullable SelectorIndex fields,
            ListQuery query) {
        Scan scan = new Scan(query);
        Selection selection = query.selection();
        KeyRange range = Lookup.rangeOf(selection);
        KeyRange rest = range.behind(query.after());
        if (labels != null && fields != null) {
            Lookup lookup = Lookup.best(tree, labels, fields, selection, range);
            if (lookup.index() != null) {
                SelectorIndex.Posting from = new SelectorIndex.Posting(lookup.word(), lookup.value(), rest.start());
                lookup.index().postings().walk(from, posting -> {
                    if (!posting.sameTerm(from) || rest.endsBefore(posting.key())) {
                        return false;
                    }
                    Entry entry = tree.get(posting.key());
                    return entry == null || scan.offer(entry);
                });
                return scan.page(tree, range);
            }
        }
        tree.walk(rest.start(), entry -> !rest.endsBefore(keyOf(entry)) && scan.offer(entry));
        return scan.page(tree, range);
    }

    /** @param more whether anything lies behind the last entry; as upstream, whatever the selection makes of it */
    record Page(List<Entry> entries, boolean more, long remaining) {}

    private static final class Scan {
        private final Selection selection;
        private final boolean everything;
        private final int limit;
        private final List<Entry> entries = new ArrayList<>();

        Scan(ListQuery query) {
            this.selection = query.selection();
            this.everything = selection.name().isEmpty()
                    && selection.labels().isEverything()
                    && selection.fields().isEverything();
            this.limit = query.limit() > 0 ? query.limit() : Integer.MAX_VALUE;
        }

        boolean offer(Entry entry) {
            if (entries.size() == limit) {
                return false;
            }
            if (everything || selection.matches(entry)) {
                entries.add(entry);
            }
            return true;
        }

        /** Counts what remains; with a selector that is unknown (-1), as upstream. */
        Page page(OrderedTree<Entry, ObjectKey> tree, KeyRange range) {
            if (entries.size() < limit) {
                return new Page(entries, false, -1);
            }
            long behind = tree.rank(range.end()) - tree.rank(keyOf(entries.getLast())) - 1;
            return new Page(entries, behind > 0, everything && behind > 0 ? behind : -1);
        }
    }
}
