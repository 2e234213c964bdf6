package io.quarterdeck.api.http;

import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Listing;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.cache.WatchEvent;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.StoredForm;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.model.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lists and watches of what a reader selects. The cache selects by what lies in the store; where labels and fields of an
 * object may differ from version to version, it is converted first and then selected as the reader sees it. Thread-safe.
 */
final class Selections {

    private final WatchCache cache;
    private final Forms forms;

    Selections(WatchCache cache, Forms forms) {
        this.cache = cache;
        this.forms = forms;
    }

    Listing list(ResourceDefinition resource, ListQuery query) {
        if (!isConverted(resource, query.selection())) {
            return cache.list(resource.storage(), query);
        }
        Listing all = cache.list(
                resource.storage(), new ListQuery(query.selection().byKey(), query.freshness(), 0, query.after()));
        List<Entry> chosen = forms.prepare(resource, all.entries()).stream()
                .filter(query.selection()::matches)
                .toList();
        boolean cut = query.limit() > 0 && chosen.size() > query.limit();
        List<Entry> page = cut ? chosen.subList(0, query.limit()) : chosen;
        Optional<ObjectKey> next = cut ? Optional.of(page.getLast().key().key()) : Optional.empty();
        return new Listing(all.revision(), page, next, OptionalLong.empty());
    }

    EventCursor watch(ResourceDefinition resource, Selection selection, WatchStart start) {
        return isConverted(resource, selection)
                ? new Converting(cache.watch(resource.storage(), selection.byKey(), start), resource, selection)
                : cache.watch(resource.storage(), selection, start);
    }

    private static boolean isConverted(ResourceDefinition resource, Selection selection) {
        return !selection.isByKey()
                && resource.strategy().storedForm().map(StoredForm::rewrites).orElse(false);
    }

    /** A cursor over everything, seen through a selection of converted objects. */
    private final class Converting implements EventCursor {
        private final EventCursor cursor;
        private final ResourceDefinition resource;
        private final Selection selection;

        Converting(EventCursor cursor, ResourceDefinition resource, Selection selection) {
            this.cursor = cursor;
            this.resource = resource;
            this.selection = selection;
        }

        @Override
        public List<WatchEvent> next(int max, Duration atMost) throws InterruptedException {
            List<WatchEvent> events = cursor.next(max, atMost);
            List<Entry> entries = new ArrayList<>();
            for (WatchEvent event : events) {
                entries.add(event.entry());
                if (event.previous() != null) {
                    entries.add(event.previous());
                }
            }
            List<Entry> converted = forms.prepare(resource, entries);
            List<WatchEvent> seen = new ArrayList<>();
            int place = 0;
            for (WatchEvent event : events) {
                Entry entry = converted.get(place++);
                Entry previous = event.previous() == null ? null : converted.get(place++);
                WatchEvent told = seen(event.type(), entry, previous);
                if (told != null) {
                    seen.add(told);
                }
            }
            return seen;
        }

        private @Nullable WatchEvent seen(Change.Type type, Entry entry, @Nullable Entry previous) {
            boolean was = previous != null && selection.matches(previous);
            if (type != Change.Type.DELETED && selection.matches(entry)) {
                return new WatchEvent(was ? Change.Type.MODIFIED : Change.Type.ADDED, entry, previous);
            }
            if (!was || previous == null) {
                return null;
            }
            Entry left = type == Change.Type.DELETED ? entry : asOf(previous, entry.revision());
            return new WatchEvent(Change.Type.DELETED, left, previous);
        }

        private static Entry asOf(Entry entry, long revision) {
            return new Entry(
                    entry.key(),
                    revision,
                    entry.createdRevision(),
                    entry.storedVersion(),
                    RevisionSlot.fill(entry.body(), revision),
                    entry.header());
        }

        @Override
        public boolean lookAfter(BooleanSupplier left) {
            return cursor.lookAfter(left);
        }

        @Override
        public long progress() {
            return cursor.progress();
        }

        @Override
        public boolean initialEventsDone() {
            return cursor.initialEventsDone();
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
