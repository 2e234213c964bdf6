package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.CompactedException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watch cache over an ordered store. Changes come straight from the store's own commits where these follow on the
 * last one seen, and from the change log otherwise. Thread-safe.
 */
public final class StoreWatchCache implements WatchCache, OrderedStore.Follower, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StoreWatchCache.class);
    private static final int CATCH_UP_PAGE = 1_000;
    private static final Duration SAFETY_POLL = Duration.ofSeconds(1);
    private static final Duration BUSY_POLL = Duration.ofMillis(2);
    private static final Duration PATIENCE = Duration.ofMillis(5);
    private static final int BUSY_POLLS = 5;
    private static final int RETRY_AFTER_SECONDS = 1;

    private final OrderedStore store;
    private final CacheLimits limits;
    private final CommittedRevision committed;
    private final CurrentRevision visible = new CurrentRevision();
    private final Map<GroupResource, StorageCache> storages = new ConcurrentHashMap<>();
    private final Object feed = new Object();
    private final Semaphore tailWork = new Semaphore(0);
    private final Semaphore wakeWork = new Semaphore(0);
    private final AtomicLong reloads = new AtomicLong();
    private volatile @Nullable String failure;
    private volatile boolean loaded;
    private volatile boolean closed;
    private long floor;
    private @Nullable AutoCloseable subscription;
    private @Nullable Thread tailer;
    private @Nullable Thread waker;

    public StoreWatchCache(OrderedStore store, CacheLimits limits) {
        this.store = store;
        this.limits = limits;
        this.committed = new CommittedRevision(store::committedRevision);
    }

    /** Reads everything, then keeps up. Reads are answered from here on. */
    public void start() {
        subscription = store.follow(this);
        reload(visible.get());
        waker = Thread.ofPlatform().name("watch-waker").daemon().start(this::wakeWatchers);
        tailer = Thread.ofPlatform().name("watch-tail").daemon().start(this::tail);
    }

    @Override
    public Optional<Entry> get(GroupResource storage, ObjectKey key, Freshness freshness) {
        makeFresh(freshness);
        StorageCache cache = storage(storage);
        StorageCache.State state = cache.state();
        return Optional.ofNullable(
                freshness instanceof Freshness.Exact(long revision)
                        ? exactTree(cache, state, revision).get(key)
                        : state.tree().get(key));
    }

    @Override
    public Listing list(GroupResource storage, ListQuery query) {
        makeFresh(query.freshness());
        long global = visible.get();
        StorageCache cache = storage(storage);
        StorageCache.State state = cache.state();
        StorageCache.Page page;
        long revision;
        if (query.freshness() instanceof Freshness.Exact(long exact)) {
            revision = exact;
            page = exact >= state.lastRevision()
                    ? StorageCache.page(state.tree(), state.labels(), state.fields(), query)
                    : StorageCache.page(exactTree(cache, state, exact), null, null, query);
        } else {
            revision = Math.max(global, state.lastRevision());
            page = StorageCache.page(state.tree(), state.labels(), state.fields(), query);
        }
        return new Listing(
                revision,
                page.entries(),
                page.more() ? Optional.of(page.entries().getLast().key().key()) : Optional.empty(),
                page.remaining() < 0 ? OptionalLong.empty() : OptionalLong.of(page.remaining()));
    }

    private static OrderedTree<Entry, ObjectKey> exactTree(
            StorageCache cache, StorageCache.State state, long revision) {
        OrderedTree<Entry, ObjectKey> tree = cache.treeAt(state, revision);
        if (tree == null) {
            throw StatusException.expired("The resourceVersion for the provided list is too old.");
        }
        return tree;
    }

    @Override
    public EventCursor watch(GroupResource storage, Selection selection, WatchStart start) {
        StorageCache cache = storage(storage);
        switch (start) {
            case WatchStart.Existing(Freshness freshness) -> {
                makeFresh(freshness);
                long global = visible.get();
                StorageCache.State state = cache.state();
                List<Entry> initial = StorageCache.page(
                                state.tree(),
                                state.labels(),
                                state.fields(),
                                ListQuery.of(selection, new Freshness.Any()))
                        .entries();
                return new RingCursor(
                        cache, selection, visible::get, initial, state.tail(), Math.max(global, state.lastRevision()));
            }
            case WatchStart.Behind(long revision) -> {
                awaitLoaded();
                long scanned = cache.ring().firstBehind(revision) - 1;
                // Asked behind the search: what the ring dropped meanwhile was not found by it.
                if (revision < cache.ring().floor()) {
                    throw RingCursor.expired(revision, cache.ring().floor());
                }
                return new RingCursor(cache, selection, visible::get, List.of(), scanned, revision);
            }
        }
    }

    @Override
    public long count(GroupResource storage) {
        return storage(storage).state().tree().size();
    }

    @Override
    public long revision() {
        return visible.get();
    }

    @Override
    public void awaitRevision(long revision) {
        awaitLoaded();
        if (visible.await(revision, PATIENCE)) {
            return;
        }
        // Whoever committed it may not have known of us.
        wakeUp();
        if (!visible.await(revision, limits.freshnessWait())) {
            throw tooLarge(revision);
        }
    }

    private void makeFresh(Freshness freshness) {
        switch (freshness) {
            case Freshness.Consistent() -> awaitRevision(committed.read());
            case Freshness.Any() -> awaitLoaded();
            case Freshness.NotOlderThan(long revision) -> awaitRevision(revision);
            case Freshness.Exact(long revision) -> awaitRevision(revision);
        }
    }

    private void awaitLoaded() {
        String why = failure;
        if (why != null) {
            throw StatusException.internal(why);
        }
        if (!loaded) {
            throw StatusException.tooManyRequests("storage is (re)initializing", RETRY_AFTER_SECONDS);
        }
    }

    private StatusException tooLarge(long revision) {
        return StatusException.timeout(
                "Timeout: Too large resource version: %d, current: %d".formatted(revision, visible.get()),
                RETRY_AFTER_SECONDS,
                List.of(new StatusException.Cause("ResourceVersionTooLarge", "Too large resource version", "")));
    }

    /**
     * Makes the headers of a storage anew, after what selectors may name changed. Whoever watches it has to start again.
     *
     * @param anew the same entry with its header as it must be now
     */
    public void reindex(GroupResource storage, UnaryOperator<Entry> anew) {
        awaitLoaded();
        synchronized (feed) {
            StorageCache cache = fedStorage(storage);
            List<Entry> entries = new ArrayList<>();
            cache.state().tree().walk(null, entry -> entries.add(anew.apply(entry)));
            cache.reset(entries, visible.get(), visible.get());
        }
    }

    private StorageCache storage(GroupResource storage) {
        StorageCache known = storages.get(storage);
        if (known != null) {
            return known;
        }
        synchronized (feed) {
            return fedStorage(storage);
        }
    }

    // The feed. The store is never called while its lock is held: the store may be calling us.

    @Override
    public void committed(List<Change> batch) {
        if (!loaded) {
            return;
        }
        while (!apply(batch)) {
            catchUp();
        }
    }

    @Override
    public void wakeUp() {
        if (tailWork.availablePermits() == 0) {
            tailWork.release();
        }
    }

    /** Applies what was not seen yet; false when something is missing before it. */
    private boolean apply(List<Change> batch) {
        synchronized (feed) {
            Map<GroupResource, List<Change>> byStorage = new LinkedHashMap<>();
            long last = visible.get();
            for (Change change : batch) {
                long revision = change.entry().revision();
                if (revision == last + 1) {
                    byStorage
                            .computeIfAbsent(change.entry().key().storage(), first -> new ArrayList<>())
                            .add(change);
                    last = revision;
                } else if (revision > last) {
                    return false;
                }
            }
            if (!byStorage.isEmpty()) {
                byStorage.forEach((storage, changes) -> fedStorage(storage).apply(changes));
                shrinkRings();
                visible.advance(last);
                wakeWork.release();
            }
            return true;
        }
    }

    private StorageCache fedStorage(GroupResource storage) {
        return storages.computeIfAbsent(storage, absent -> new StorageCache(absent, floor));
    }

    private void shrinkRings() {
        long total = 0;
        for (StorageCache cache : storages.values()) {
            total += cache.ring().bytes();
        }
        while (total > limits.ringBytes()) {
            StorageCache fullestStorage = storages.values().stream()
                    .max(Comparator.comparingLong(cache -> cache.ring().bytes()))
                    .orElseThrow();
            EventRing fullest = fullestStorage.ring();
            // Some at a time, so that the fullest is not sought for each single one.
            for (int i = 0; i < 64 && total > limits.ringBytes(); i++) {
                long before = fullest.bytes();
                fullestStorage.dropOldestEvent();
                total -= before - fullest.bytes();
            }
        }
    }

    /** Reads one page of the log; answers whether there was any. */
    private boolean catchUp() {
        long behind = visible.get();
        try {
            List<Change> missing = store.changesAfter(behind, CATCH_UP_PAGE);
            if (!apply(missing)) {
                throw new IllegalStateException("the change log has a hole behind revision " + visible.get());
            }
            return !missing.isEmpty();
        } catch (CompactedException compacted) {
            log.warn("Reading everything anew: {}", compacted.getMessage());
            reload(behind);
            return true;
        }
    }

    private void tail() {
        int idlePolls = BUSY_POLLS;
        boolean told = false;
        while (!closed) {
            try {
                boolean busy = idlePolls < BUSY_POLLS;
                boolean woken = tailWork.tryAcquire((busy ? BUSY_POLL : SAFETY_POLL).toMillis(), TimeUnit.MILLISECONDS);
                idlePolls = catchUp() || woken ? 0 : Math.min(idlePolls + 1, BUSY_POLLS);
                told = false;
            } catch (InterruptedException stopped) {
                return;
            } catch (IllegalStateException hole) {
                failure = hole.getMessage();
                log.error("The watch cache stops: {}", hole.getMessage());
                return;
            } catch (RuntimeException unreachable) {
                idlePolls = BUSY_POLLS;
                if (!told) {
                    log.warn("The change log cannot be read now: {}", unreachable.getMessage());
                    told = true;
                }
            }
        }
    }

    private void wakeWatchers() {
        long tick = System.nanoTime();
        long deferred = 0;
        while (!closed) {
            try {
                long wait = deferred > 0 ? deferred : Watcher.TICK_NANOS;
                if (wakeWork.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
                    wakeWork.drainPermits();
                }
            } catch (InterruptedException stopped) {
                return;
            }
            long now = System.nanoTime();
            deferred = 0;
            for (StorageCache cache : storages.values()) {
                long left = cache.announce(now);
                deferred = left > 0 && (deferred == 0 || left < deferred) ? left : deferred;
            }
            if (now - tick >= Watcher.TICK_NANOS) {
                tick = now;
                storages.values().forEach(cache -> cache.watchers().wakeOverdue(now));
            }
        }
    }

    /**
     * Replaces the state by what is stored now, and fills the rings from the log as far as it reaches; nothing when
     * another thread has come past {@code behind} meanwhile, since what is visible never goes back.
     */
    private void reload(long behind) {
        Map<GroupResource, List<Entry>> entries = new HashMap<>();
        long revision = store.load(entry -> entries.computeIfAbsent(entry.key().storage(), first -> new ArrayList<>())
                .add(entry));
        Recall recall = recall(revision);
        synchronized (feed) {
            if (loaded && visible.get() != behind) {
                return;
            }
            floor = recall.floor;
            entries.keySet().forEach(this::fedStorage);
            recall.events.keySet().forEach(this::fedStorage);
            storages.forEach((storage, cache) -> {
                cache.reset(entries.getOrDefault(storage, List.of()), revision, recall.floorOf(storage));
                recall.events.getOrDefault(storage, List.of()).forEach(cache::recall);
            });
            shrinkRings();
            visible.advance(revision);
            loaded = true;
            wakeWork.release();
        }
        reloads.incrementAndGet();
        while (catchUp()) {
            // What was committed meanwhile.
        }
    }

    /** Past events by storage; an event whose previous state is no longer known raises its storage's floor. */
    private static final class Recall {
        final long floor;
        final Map<GroupResource, Long> floors = new HashMap<>();
        final Map<GroupResource, List<RingEvent>> events = new HashMap<>();

        Recall(long floor) {
            this.floor = floor;
        }

        long floorOf(GroupResource storage) {
            return floors.getOrDefault(storage, floor);
        }
    }

    private Recall recall(long revision) {
        long from = Math.max(store.compactedRevision(), revision - limits.recalledChanges());
        Recall recall = new Recall(Math.max(0, from));
        if (from >= revision) {
            return recall;
        }
        Deque<Change> changes = new ArrayDeque<>();
        long bytes = 0;
        try {
            for (long at = recall.floor; at < revision; ) {
                List<Change> page = store.changesAfter(at, CATCH_UP_PAGE);
                if (page.isEmpty()) {
                    break;
                }
                for (Change change : page) {
                    changes.add(change);
                    bytes += change.entry().body().length;
                    // Large objects: fewer of them, or a restart would need more heap than the life before it.
                    while (bytes > limits.ringBytes()) {
                        Change oldest = changes.removeFirst();
                        bytes -= oldest.entry().body().length;
                        recall = new Recall(oldest.entry().revision());
                    }
                }
                at = page.getLast().entry().revision();
            }
        } catch (CompactedException meanwhile) {
            return new Recall(revision);
        }
        changes.removeIf(change -> change.entry().revision() > revision);
        Map<Long, Entry> states = new TreeMap<>();
        changes.forEach(change -> states.put(change.entry().revision(), change.entry()));
        List<Long> older = changes.stream()
                .map(Change::previousRevision)
                .filter(previous -> previous > 0 && !states.containsKey(previous))
                .toList();
        store.changesAt(older).forEach(change -> states.put(change.entry().revision(), change.entry()));
        for (Change change : changes) {
            GroupResource storage = change.entry().key().storage();
            Entry previous = states.get(change.previousRevision());
            if (change.previousRevision() > 0 && previous == null) {
                recall.floors.put(storage, change.entry().revision());
                recall.events.remove(storage);
            } else {
                recall.events
                        .computeIfAbsent(storage, first -> new ArrayList<>())
                        .add(new RingEvent(change.type(), previous, change.entry()));
            }
        }
        return recall;
    }

    // What operators see.

    /** @param floor the revision behind which watches can resume */
    public record StorageFigures(String storage, long objects, long events, long ringBytes, long floor, int watchers) {}

    public List<StorageFigures> figures() {
        return storages.values().stream()
                .map(cache -> new StorageFigures(
                        cache.storage().toString(),
                        cache.state().tree().size(),
                        cache.ring().size(),
                        cache.ring().bytes(),
                        cache.ring().floor(),
                        cache.watchers().size()))
                .sorted(Comparator.comparing(StorageFigures::storage))
                .toList();
    }

    /** Whether everything was read, and no hole was met since. */
    public boolean healthy() {
        return loaded && failure == null;
    }

    /** How often everything was read anew, the start included. */
    public long reloads() {
        return reloads.get();
    }

    @Override
    public void close() throws Exception {
        closed = true;
        if (subscription != null) {
            subscription.close();
        }
        if (tailer != null) {
            tailer.interrupt();
        }
        if (waker != null) {
            waker.interrupt();
        }
    }
}
