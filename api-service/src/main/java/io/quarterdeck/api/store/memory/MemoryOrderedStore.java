package io.quarterdeck.api.store.memory;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.CompactedException;
import io.quarterdeck.api.store.ConflictException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps objects and the whole change log on the heap. Commits run one after the other, in the caller's thread. */
public final class MemoryOrderedStore implements OrderedStore {

    private final InstantSource clock;
    private volatile String epoch = UUID.randomUUID().toString();
    private final Map<GroupResource, NavigableMap<ObjectKey, Entry>> storages = new HashMap<>();
    private final TreeMap<Long, Change> log = new TreeMap<>();
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private long revision;
    private long compactedRevision;

    public MemoryOrderedStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized CompletableFuture<List<Entry>> commit(Transaction transaction) {
        ConflictException conflict = conflictOf(transaction);
        if (conflict != null) {
            return CompletableFuture.failedFuture(conflict);
        }
        long first = revision + 1;
        List<Change> batch = new ArrayList<>();
        for (Operation operation : transaction.operations()) {
            batch.add(apply(operation, first, transaction.attribution()));
        }
        batch.forEach(change -> log.put(change.entry().revision(), change));
        followers.forEach(follower -> follower.committed(batch));
        return CompletableFuture.completedFuture(
                batch.stream().map(Change::entry).toList());
    }

    private @Nullable ConflictException conflictOf(Transaction transaction) {
        for (Operation operation : transaction.operations()) {
            long current = revisionOf(operation.key());
            if (current != operation.expected()) {
                return new ConflictException(operation.key(), current);
            }
        }
        for (Transaction.Guard guard : transaction.guards()) {
            long current = revisionOf(guard.key());
            if (current != guard.revision()) {
                return new ConflictException(guard.key(), current);
            }
        }
        return null;
    }

    private long revisionOf(StoreKey key) {
        Entry entry = storage(key.storage()).get(key.key());
        return entry == null ? 0 : entry.revision();
    }

    private Change apply(Operation operation, long transactionRevision, Transaction.Attribution attribution) {
        NavigableMap<ObjectKey, Entry> storage = storage(operation.key().storage());
        ObjectKey key = operation.key().key();
        Entry previous = storage.get(key);
        revision++;
        Change.Type type;
        Entry entry = switch (operation) {
            case Operation.Put put -> {
                type = previous == null ? Change.Type.ADDED : Change.Type.MODIFIED;
                Entry next = entryOf(put.key(), previous, put.storedVersion(), put.body(), put.header());
                storage.put(key, next);
                yield next;
            }
            case Operation.Remove remove -> {
                type = Change.Type.DELETED;
                storage.remove(key);
                yield entryOf(remove.key(), previous, remove.storedVersion(), remove.lastBody(), remove.header());
            }
        };
        return new Change(
                type,
                entry,
                previous == null ? 0 : previous.revision(),
                transactionRevision,
                clock.instant(),
                attribution.actor(),
                attribution.auditId(),
                attribution.cause());
    }

    private Entry entryOf(
            StoreKey key, @Nullable Entry previous, String storedVersion, byte[] body, EntryHeader header) {
        return new Entry(
                key,
                revision,
                previous == null ? revision : previous.createdRevision(),
                storedVersion,
                RevisionSlot.fill(body, revision),
                header);
    }

    private NavigableMap<ObjectKey, Entry> storage(GroupResource storage) {
        return storages.computeIfAbsent(storage, absent -> new TreeMap<>());
    }

    /** Forgets the changes up to {@code upTo}. */
    public synchronized void compact(long upTo) {
        compactedRevision = Math.min(upTo, revision);
        log.headMap(compactedRevision, true).clear();
    }

    @Override
    public synchronized long committedRevision() {
        return revision;
    }

    @Override
    public synchronized long compactedRevision() {
        return compactedRevision;
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public synchronized long load(Consumer<Entry> each) {
        storages.values().forEach(storage -> storage.values().forEach(each));
        return revision;
    }

    @Override
    public synchronized List<Change> changesAfter(long after, int limit) {
        if (after < compactedRevision) {
            throw new CompactedException(after, compactedRevision);
        }
        return log.tailMap(after, false).values().stream().limit(limit).toList();
    }

    @Override
    public synchronized List<Change> changesAt(Collection<Long> revisions) {
        return new TreeSet<>(revisions)
                .stream().map(log::get).filter(Objects::nonNull).toList();
    }

    @Override
    public AutoCloseable follow(Follower follower) {
        followers.add(follower);
        return () -> followers.remove(follower);
    }

    @Override
    public synchronized void raiseEpoch() {
        revision += 1L << 32;
        compact(revision);
        epoch = UUID.randomUUID().toString();
        followers.forEach(Follower::wakeUp);
    }

    @Override
    public void register(GroupResource storage) {}

    @Override
    public void close() {}
}
