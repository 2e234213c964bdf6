package io.quarterdeck.system.history;

import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Listing;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.cache.WatchEvent;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Bugs that a store or a watch cache could have, each a wrapper around the real one. */
enum SeededBug {
    NONE,
    /** The cache learns of a batch before its commit, and not every commit comes about. */
    REVISION_BEFORE_COMMIT,
    /** Writers are answered, and the revision of consistent reads is told, before the cache has the write. */
    CACHE_BEHIND_THE_ANSWER,
    /** A watch may begin one revision earlier than the ring reaches. */
    HORIZON_OFF_BY_ONE,
    /** A list of a moment ago under the revision of now. */
    STALE_LIST,
    /** Now and then an acknowledged write is not there. */
    LOST_WRITE,
    /** Now and then a watcher is not woken for an event. */
    LOST_EVENT,
    /** After an event a watcher sees it again. */
    DOUBLED_EVENT,
    /** A bookmark tells of what the cache has, not of what the watcher was given. */
    BOOKMARK_AHEAD,
    /** An object that enters a selection is MODIFIED. */
    WRONG_TRANSITION,
    /** 410 for what is still known. */
    EXPIRED_EARLY;

    OrderedStore in(OrderedStore store) {
        return switch (this) {
            case REVISION_BEFORE_COMMIT -> new EarlyStore(store);
            case CACHE_BEHIND_THE_ANSWER -> new LateStore(store);
            case LOST_WRITE -> new ForgetfulStore(store);
            default -> store;
        };
    }

    WatchCache in(StoreWatchCache cache) {
        return switch (this) {
            case HORIZON_OFF_BY_ONE,
                    STALE_LIST,
                    LOST_EVENT,
                    DOUBLED_EVENT,
                    BOOKMARK_AHEAD,
                    WRONG_TRANSITION,
                    EXPIRED_EARLY -> new BrokenCache(cache, this);
            default -> cache;
        };
    }

    /** Passes everything on. */
    private static class Store implements OrderedStore {
        final OrderedStore inner;

        Store(OrderedStore inner) {
            this.inner = inner;
        }

        @Override
        public CompletableFuture<List<Entry>> commit(Transaction transaction) {
            return inner.commit(transaction);
        }

        @Override
        public long committedRevision() {
            return inner.committedRevision();
        }

        @Override
        public long compactedRevision() {
            return inner.compactedRevision();
        }

        @Override
        public String epoch() {
            return inner.epoch();
        }

        @Override
        public long load(Consumer<Entry> each) {
            return inner.load(each);
        }

        @Override
        public List<Change> changesAfter(long revision, int limit) {
            return inner.changesAfter(revision, limit);
        }

        @Override
        public List<Change> changesAt(Collection<Long> revisions) {
            return inner.changesAt(revisions);
        }

        @Override
        public AutoCloseable follow(Follower follower) {
            return inner.follow(follower);
        }

        @Override
        public void raiseEpoch() {
            inner.raiseEpoch();
        }

        @Override
        public void register(GroupResource storage) {
            inner.register(storage);
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    private static Entry stored(Operation operation, long revision) {
        return switch (operation) {
            case Operation.Put put ->
                new Entry(
                        put.key(),
                        revision,
                        revision,
                        put.storedVersion(),
                        RevisionSlot.fill(put.body(), revision),
                        put.header());
            case Operation.Remove remove ->
                new Entry(
                        remove.key(),
                        revision,
                        revision,
                        remove.storedVersion(),
                        RevisionSlot.fill(remove.lastBody(), revision),
                        remove.header());
        };
    }

    private static final class EarlyStore extends Store {
        private final List<Follower> followers = new ArrayList<>();
        private final Map<ObjectKey, Long> current = new ConcurrentHashMap<>();
        private int commits;

        EarlyStore(OrderedStore inner) {
            super(inner);
        }

        @Override
        public AutoCloseable follow(Follower follower) {
            followers.add(follower);
            return () -> followers.remove(follower);
        }

        @Override
        public synchronized CompletableFuture<List<Entry>> commit(Transaction transaction) {
            Operation operation = transaction.operations().getFirst();
            ObjectKey key = operation.key().key();
            if (current.getOrDefault(key, 0L) != operation.expected()) {
                return inner.commit(transaction);
            }
            boolean removal = operation instanceof Operation.Remove;
            Entry entry = stored(operation, inner.committedRevision() + 1);
            Change.Type type = removal
                    ? Change.Type.DELETED
                    : operation.expected() == 0 ? Change.Type.ADDED : Change.Type.MODIFIED;
            Change change = new Change(
                    type, entry, operation.expected(), entry.revision(), Instant.EPOCH, "client", null, null);
            followers.forEach(follower -> follower.committed(List.of(change)));
            if (++commits % 50 == 0) {
                return CompletableFuture.failedFuture(StatusException.timeout("the connection was lost", 1, List.of()));
            }
            if (removal) {
                current.remove(key);
            } else {
                current.put(key, entry.revision());
            }
            return inner.commit(transaction);
        }
    }

    private static final class LateStore extends Store {
        private final ExecutorService later =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        private final AtomicLong told = new AtomicLong();

        LateStore(OrderedStore inner) {
            super(inner);
        }

        @Override
        public AutoCloseable follow(Follower follower) {
            return inner.follow(new Follower() {
                @Override
                public void committed(List<Change> batch) {
                    later.execute(() -> {
                        try {
                            Thread.sleep(2);
                        } catch (InterruptedException stopped) {
                            Thread.currentThread().interrupt();
                        }
                        follower.committed(batch);
                        told.set(batch.getLast().entry().revision());
                    });
                }

                @Override
                public void wakeUp() {}
            });
        }

        @Override
        public long committedRevision() {
            return told.get();
        }

        @Override
        public void close() {
            later.shutdownNow();
            inner.close();
        }
    }

    private static final class ForgetfulStore extends Store {
        private final AtomicLong commits = new AtomicLong();

        ForgetfulStore(OrderedStore inner) {
            super(inner);
        }

        @Override
        public CompletableFuture<List<Entry>> commit(Transaction transaction) {
            Operation operation = transaction.operations().getFirst();
            return operation.expected() > 0 && commits.incrementAndGet() % 60 == 0
                    ? CompletableFuture.completedFuture(List.of(stored(operation, inner.committedRevision() + 1)))
                    : inner.commit(transaction);
        }
    }

    private static final class BrokenCache implements WatchCache {
        private static final long SHORT = 20;

        private final StoreWatchCache inner;
        private final SeededBug bug;
        private final Map<Selection, Listing> before = new ConcurrentHashMap<>();
        private final AtomicLong count = new AtomicLong();

        BrokenCache(StoreWatchCache inner, SeededBug bug) {
            this.inner = inner;
            this.bug = bug;
        }

        @Override
        public Optional<Entry> get(GroupResource storage, ObjectKey key, Freshness freshness) {
            return inner.get(storage, key, freshness);
        }

        @Override
        public Listing list(GroupResource storage, ListQuery query) {
            Listing now = inner.list(storage, query);
            if (bug != STALE_LIST || query.limit() > 0 || query.after().isPresent()) {
                return now;
            }
            Listing old = before.put(query.selection(), now);
            return old == null ? now : new Listing(now.revision(), old.entries(), old.next(), old.remaining());
        }

        @Override
        public EventCursor watch(GroupResource storage, Selection selection, WatchStart start) {
            if (bug == EXPIRED_EARLY
                    && start instanceof WatchStart.Behind(long revision)
                    && revision < inner.revision() - SHORT) {
                throw StatusException.expired("too old resource version");
            }
            try {
                return new BrokenCursor(inner.watch(storage, selection, start), this);
            } catch (StatusException expired) {
                if (bug == HORIZON_OFF_BY_ONE && start instanceof WatchStart.Behind(long revision)) {
                    return inner.watch(storage, selection, new WatchStart.Behind(revision + 1));
                }
                throw expired;
            }
        }

        @Override
        public long count(GroupResource storage) {
            return inner.count(storage);
        }

        @Override
        public long revision() {
            return inner.revision();
        }

        @Override
        public void awaitRevision(long revision) {
            inner.awaitRevision(revision);
        }
    }

    private record BrokenCursor(EventCursor inner, BrokenCache cache) implements EventCursor {

        @Override
        public List<WatchEvent> next(int max, Duration atMost) throws InterruptedException {
            List<WatchEvent> events = new ArrayList<>();
            for (WatchEvent event : inner.next(Math.min(max, 5), atMost)) {
                boolean seldom = cache.count.incrementAndGet() % 50 == 0;
                if (cache.bug == WRONG_TRANSITION
                        && event.type() == Change.Type.ADDED
                        && event.entry().createdRevision() != event.entry().revision()) {
                    events.add(new WatchEvent(Change.Type.MODIFIED, event.entry(), event.previous()));
                } else if (cache.bug != LOST_EVENT || !seldom) {
                    events.add(event);
                }
                if (cache.bug == DOUBLED_EVENT && seldom) {
                    events.add(event);
                }
            }
            return events;
        }

        @Override
        public long progress() {
            return cache.bug == BOOKMARK_AHEAD ? cache.inner.revision() : inner.progress();
        }

        @Override
        public boolean initialEventsDone() {
            return inner.initialEventsDone();
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
