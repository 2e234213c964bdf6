package io.quarterdeck.api.store.postgres;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ordered store on a migrated PostgreSQL database. Several processes may use one database: the row lock of the
 * counter orders their commits. Answers complete on the flusher's thread, so whatever hangs on them must be short.
 */
public final class PostgresOrderedStore implements OrderedStore {

    private static final Logger log = LoggerFactory.getLogger(PostgresOrderedStore.class);
    private static final Duration STOP = Duration.ofSeconds(5);

    private final ConnectionSource connections;
    private final StoreProperties properties;
    private final ResourceIds resources;
    private final LogReader reader;
    private final Partitions partitions;
    private final Resealing resealing;
    private final CommitQueue queue;
    private final Flusher flusher;
    private final ChangeListener listener;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final Semaphore maintenanceDue = new Semaphore(0);
    private final List<Thread> threads;

    /** Opens a store that keeps bodies clear. */
    public PostgresOrderedStore(
            DataSource pool,
            ConnectionSource connections,
            HeaderReader headers,
            StoreProperties properties,
            MeterRegistry meters) {
        this(pool, connections, headers, BodySeal.CLEAR, properties, meters);
    }

    /**
     * Opens the store.
     *
     * @param pool for reads
     * @param seal what bodies pass on their way to the database and back
     * @param connections for the flusher, the listener and maintenance, each of which has its own
     * @throws StatusException 503 when the database cannot be reached
     * @throws IllegalStateException when the database is not durable and the properties refuse that
     */
    public PostgresOrderedStore(
            DataSource pool,
            ConnectionSource connections,
            HeaderReader headers,
            BodySeal seal,
            StoreProperties properties,
            MeterRegistry meters) {
        this(pool, connections, headers, seal, properties, meters, Partitions.LEAST_WIDTH);
    }

    /** @param leastPartition how many revisions a partition of the log holds at least */
    PostgresOrderedStore(
            DataSource pool,
            ConnectionSource connections,
            HeaderReader headers,
            BodySeal seal,
            StoreProperties properties,
            MeterRegistry meters,
            long leastPartition) {
        this.connections = connections;
        this.properties = properties;
        this.resources = new ResourceIds(pool);
        this.reader = new LogReader(pool, resources, headers, seal);
        this.resealing = new Resealing(connections, resources, seal);
        this.partitions = new Partitions(
                connections,
                properties.historyPeriod(),
                properties.historySize().toBytes(),
                leastPartition,
                this::maintainSoon);
        this.queue = new CommitQueue(
                properties.maxQueued(), properties.maxQueuedBytes().toBytes());
        this.listener = new ChangeListener(connections, this::commitsHere, () -> followers.forEach(Follower::wakeUp));
        this.flusher = new Flusher(
                connections,
                "quarterdeck-flusher-" + UUID.randomUUID(),
                queue,
                resources,
                seal,
                partitions,
                properties,
                this::announce,
                listener::hasHeardOthers,
                meters);
        Gauge.builder("quarterdeck.store.queued", queue, CommitQueue::size)
                .description("Transactions that wait for the next group commit")
                .register(meters);
        verify();
        this.threads = List.of(
                Thread.ofPlatform().name("store-flusher").daemon().start(flusher),
                Thread.ofPlatform().name("store-listener").daemon().start(listener),
                Thread.ofPlatform().name("store-maintenance").daemon().start(this::maintain));
    }

    private void verify() {
        try (Connection connection = connections.open()) {
            connection.setAutoCommit(true);
            List<String> off = StoreIdentity.undurableSettings(connection);
            if (!off.isEmpty()) {
                String finding = "PostgreSQL may lose acknowledged writes: " + String.join(", ", off) + " is off";
                if (properties.durability() == StoreProperties.Durability.REFUSE) {
                    throw new IllegalStateException(finding + " (quarterdeck.store.durability=alarm accepts that)");
                }
                log.error("{}", finding);
            }
            StoreIdentity.verify(connection);
            partitions.makeRoom();
        } catch (SQLException e) {
            throw new IllegalStateException("The database cannot be used: " + e.getMessage());
        }
    }

    @Override
    public CompletableFuture<List<Entry>> commit(Transaction transaction) {
        Transaction.Attribution attribution = transaction.attribution();
        Transaction clean = new Transaction(
                transaction.operations(),
                transaction.guards(),
                new Transaction.Attribution(
                        StoredText.bounded(attribution.actor()),
                        StoredText.bounded(attribution.auditId()),
                        StoredText.bounded(attribution.cause())));
        for (Operation operation : transaction.operations()) {
            requireStorable(operation.key());
            requireStorable(
                    operation.key(),
                    switch (operation) {
                        case Operation.Put put -> put.header().uid();
                        case Operation.Remove remove -> remove.header().uid();
                    });
        }
        transaction.guards().forEach(guard -> requireStorable(guard.key()));
        PendingWrite write = PendingWrite.of(
                clean, System.nanoTime() + properties.writeDeadline().toNanos());
        queue.add(write);
        return write.answer();
    }

    private static void requireStorable(StoreKey key) {
        requireStorable(key, key.key().path());
    }

    private static void requireStorable(StoreKey key, String text) {
        if (!StoredText.isStorable(text)) {
            throw StatusException.badRequest(
                    "the name or uid of an object in %s is not legal text".formatted(key.storage()));
        }
    }

    private boolean commitsHere(int backendPid) {
        return backendPid == flusher.backendPid();
    }

    private void announce(List<Change> changes) {
        for (Follower follower : followers) {
            try {
                follower.committed(changes);
            } catch (RuntimeException e) {
                // It is committed whatever becomes of the follower, which finds it in the log.
                log.error("A follower could not take a commit", e);
                follower.wakeUp();
            }
        }
    }

    @Override
    public long committedRevision() {
        return reader.committedRevision();
    }

    @Override
    public long compactedRevision() {
        return reader.compactedRevision();
    }

    @Override
    public String epoch() {
        return reader.epoch();
    }

    @Override
    public long load(Consumer<Entry> each) {
        return reader.load(each);
    }

    @Override
    public List<Change> changesAfter(long revision, int limit) {
        return reader.changesAfter(revision, limit);
    }

    @Override
    public List<Change> changesAt(Collection<Long> revisions) {
        return reader.changesAt(revisions);
    }

    @Override
    public AutoCloseable follow(Follower follower) {
        followers.add(follower);
        return () -> followers.remove(follower);
    }

    @Override
    public void register(GroupResource storage) {
        resources.idOf(storage);
    }

    @Override
    public void raiseEpoch() {
        try (Connection connection = connections.open()) {
            StoreIdentity.raise(connection, 0);
            partitions.makeRoom();
        } catch (SQLException e) {
            throw SqlErrors.unavailable();
        }
    }

    /** Makes room ahead and compacts behind, as is done at intervals anyhow. */
    public void maintainNow() {
        try {
            partitions.makeRoom();
            partitions.compact();
        } catch (SQLException e) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            log.warn("The change log could not be maintained, it will be tried again: {}", e.getMessage());
        }
    }

    /**
     * Brings kept bodies up to the seal's rules, as is done at intervals anyhow.
     *
     * @throws IllegalStateException when a body cannot be opened
     */
    public synchronized void resealNow() {
        try {
            resealing.run();
        } catch (SQLException e) {
            log.warn("Kept bodies could not all be sealed anew, it will be tried again: {}", e.getMessage());
        }
    }

    private void maintain() {
        boolean roomOnly = false;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                if (!roomOnly) {
                    resealNow();
                }
            } catch (IllegalStateException unreadable) {
                log.error("Kept bodies cannot be sealed anew: {}", unreadable.getMessage());
            }
            try {
                roomOnly = maintenanceDue.tryAcquire(
                        properties.maintenanceInterval().toMillis(), TimeUnit.MILLISECONDS);
                maintenanceDue.drainPermits();
            } catch (InterruptedException stopped) {
                return;
            }
            maintainNow();
        }
    }

    private void maintainSoon() {
        if (maintenanceDue.availablePermits() == 0) {
            maintenanceDue.release();
        }
    }

    public int queued() {
        return queue.size();
    }

    /** Commits what was accepted, then ends. */
    @Override
    public void close() {
        flusher.close();
        List<PendingWrite> left = queue.close();
        left.forEach(write -> write.answer().completeExceptionally(SqlErrors.unavailable()));
        listener.close();
        threads.get(2).interrupt();
        try {
            threads.get(0).join(STOP);
            threads.get(0).interrupt();
            threads.get(1).interrupt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
