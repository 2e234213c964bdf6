package io.quarterdeck.api.store.postgres;

import static io.quarterdeck.api.store.Samples.PODS;
import static io.quarterdeck.api.store.Samples.key;
import static io.quarterdeck.api.store.Samples.pod;
import static io.quarterdeck.api.store.Samples.put;
import static io.quarterdeck.api.store.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.api.cache.CacheLimits;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.publish.DatabaseRelayLock;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.CompactedException;
import io.quarterdeck.api.store.CrashPoint;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of the log when something goes wrong between two of its steps. */
class StoreFaultsIT {

    private static EmbeddedPostgres server;
    private TestDatabase database;

    @BeforeAll
    static void startServer() {
        server = EmbeddedPostgres.temporary();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void makeDatabase() throws Exception {
        database = new TestDatabase(server);
    }

    @AfterEach
    void closeDatabase() {
        CrashPoint.arm(null);
        database.close();
    }

    /** The thread that passes the point ends there, as if the process had. */
    private static final class Died extends Error {
        Died(CrashPoint point) {
            super(point.name(), null, false, false);
        }
    }

    private static AtomicBoolean dieAt(CrashPoint point) {
        AtomicBoolean hit = new AtomicBoolean();
        CrashPoint.arm(passed -> {
            if (passed == point && hit.compareAndSet(false, true)) {
                throw new Died(passed);
            }
        });
        return hit;
    }

    private static Entry commit(OrderedStore store, Operation operation) {
        return store.commit(tx(operation)).join().getFirst();
    }

    private static void assertWhole(OrderedStore store) {
        List<Change> log = store.changesAfter(store.compactedRevision(), Integer.MAX_VALUE);
        assertThat(log)
                .extracting(change -> change.entry().revision())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(store.compactedRevision() + 1, store.committedRevision())
                                .boxed()
                                .toList());
    }

    @ParameterizedTest
    @EnumSource(names = {"PARTITION_MADE", "HORIZON_MOVED", "PARTITION_DETACHED"})
    void maintenanceThatDiedIsTakenUp(CrashPoint point) throws Exception {
        try (PostgresOrderedStore store =
                database.storeWithPartitions(100, Map.of("history-size", "1B", "maintenance-interval", "1h"))) {
            store.register(PODS);
            // The partition of the first migration is wide.
            store.raiseEpoch();
            for (int i = 0; i < 250; i++) {
                commit(store, put(pod("ns", "p" + i), 0, "x"));
            }
            AtomicBoolean hit = dieAt(point);
            try {
                for (int i = 0; i < 1_000 && !hit.get(); i++) {
                    commit(store, put(pod("ns", "q" + i), 0, "x"));
                    store.maintainNow();
                }
            } catch (Died here) {
                // Else it was the store's own thread, which commits wake, that died.
            }
            assertThat(hit).isTrue();
            assertWhole(store);
            CrashPoint.arm(null);

            for (int i = 0; i < 300; i++) {
                commit(store, put(pod("ns", "r" + i), 0, "x"));
            }
            store.maintainNow();
            assertWhole(store);
            assertThat(store.compactedRevision()).isGreaterThan((1L << 32) + 300);
            assertThat(
                            database.number(
                                    "select count(*) from pg_class c where c.relname ~ '^object_change_[0-9]+$'"
                                            + " and c.relkind = 'r' and not exists (select 1 from pg_inherits i where i.inhrelid = c.oid)"))
                    .as("tables that belong to nothing")
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BATCH_TAKEN", "BATCH_COMMITTED", "BATCH_VISIBLE"})
    void aBatchWhoseFlusherDiedHappenedOrNot(CrashPoint point) throws Exception {
        PostgresOrderedStore dying = database.store();
        commit(dying, put(pod("ns", "before"), 0, "x"));
        AtomicBoolean hit = dieAt(point);
        dying.commit(tx(put(pod("ns", "between"), 0, "x")));
        // The flusher ends by what the trap throws.
        await().dontCatchUncaughtExceptions().untilTrue(hit);
        CrashPoint.arm(null);
        try (PostgresOrderedStore next = database.store()) {
            boolean happened = point != CrashPoint.BATCH_TAKEN;
            assertThat(next.committedRevision()).isEqualTo(happened ? 2 : 1);
            assertThat(commit(next, put(pod("ns", "after"), 0, "x")).revision()).isEqualTo(happened ? 3 : 2);
            assertWhole(next);
        }
        dying.close();
    }

    /** Eight writers fill forty partitions while those behind are dropped: nobody waits for an error, the disk is bounded. */
    @Test
    void partitionsComeAndGoUnderWriters() throws Exception {
        int writers = 8;
        int writes = 500;
        try (PostgresOrderedStore store = database.storeWithPartitions(
                        100, Map.of("history-size", "600KB", "maintenance-interval", "50ms"));
                StoreWatchCache cache = new StoreWatchCache(store, CacheLimits.standard());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            store.register(PODS);
            store.raiseEpoch();
            cache.start();
            List<Future<?>> running = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                String name = "p" + w;
                running.add(threads.submit(() -> {
                    long expected = 0;
                    for (int i = 0; i < writes; i++) {
                        expected = commit(store, put(pod("ns", name), expected, "x".repeat(1_000)))
                                .revision();
                    }
                }));
            }
            for (Future<?> done : running) {
                done.get();
            }
            store.maintainNow();
            assertWhole(store);
            assertThat(store.committedRevision()).isEqualTo((1L << 32) + writers * writes);
            assertThat(store.compactedRevision()).isGreaterThan((1L << 32) + 1_000);
            assertThat(database.number("select sum(pg_total_relation_size(inhrelid)) from pg_inherits"
                            + " where inhparent = 'object_change'::regclass"))
                    .as("bytes of the log, with the partition that is written and the empty ones ahead")
                    .isLessThan(2_000_000);
            // The cache saw each commit as it came: its horizon is the ring's, not the log's.
            try (var cursor = cache.watch(PODS, Selection.ALL, new WatchStart.Behind(1L << 32))) {
                assertThat(cursor.next(writers * writes, Duration.ofSeconds(10)))
                        .hasSize(writers * writes);
            }
            assertThatThrownBy(() -> store.changesAfter(1L << 32, 10)).isInstanceOf(CompactedException.class);
        }
    }

    /** Text that no index of PostgreSQL takes: legal for the service, refused by the database. */
    @Test
    void aRowThatTheDatabaseRefusesFailsAlone() throws Exception {
        StringBuilder unindexable = new StringBuilder();
        Random random = new Random(1);
        while (unindexable.length() < 1_000) {
            unindexable.append((char) (0x4E00 + random.nextInt(0x5000)));
        }
        try (PostgresOrderedStore store = database.store();
                var blocker = database.pool().getConnection()) {
            store.register(PODS);
            blocker.setAutoCommit(false);
            blocker.createStatement().execute("select 1 from store_meta for update");
            List<CompletableFuture<List<Entry>>> answers = new ArrayList<>();
            answers.add(store.commit(tx(put(pod("ns", "first"), 0, "x"))));
            await().until(() -> store.queued() == 0);
            // All these are one batch.
            for (int i = 0; i < 10; i++) {
                String name = i == 5 ? unindexable.toString() : "p" + i;
                answers.add(store.commit(tx(put(pod("ns", name), 0, "x"))));
            }
            blocker.rollback();
            for (int i = 0; i <= 10; i++) {
                CompletableFuture<List<Entry>> answer = answers.get(i);
                if (i == 6) {
                    assertThatThrownBy(answer::join)
                            .isInstanceOf(CompletionException.class)
                            .cause()
                            .isInstanceOfSatisfying(
                                    StatusException.class,
                                    refused -> assertThat(refused.code()).isEqualTo(500));
                } else {
                    assertThat(answer.join()).hasSize(1);
                }
            }
            assertThat(store.committedRevision()).isEqualTo(10);
            assertWhole(store);
        }
    }

    @Test
    void theRelayLockHasOneHolderAndGoesOnWhenItsSessionDies() throws Exception {
        try (DatabaseRelayLock first = new DatabaseRelayLock(database.connections()::open);
                DatabaseRelayLock second = new DatabaseRelayLock(database.connections()::open)) {
            assertThat(first.tryAcquire()).isTrue();
            assertThat(first.tryAcquire()).as("again").isTrue();
            assertThat(second.tryAcquire()).isFalse();
            assertThat(second.held()).isFalse();

            database.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                    + " and database = (select oid from pg_database where datname = current_database())");
            await().until(second::tryAcquire);
            assertThat(first.held()).isFalse();
            assertThat(first.tryAcquire()).isFalse();

            second.close();
            await().until(first::tryAcquire);
        }
    }

    @Test
    void theRelayLockWaitsForADatabaseThatIsAway() {
        try (DatabaseRelayLock lock = new DatabaseRelayLock(() -> {
            throw new SQLException("away");
        })) {
            assertThat(lock.tryAcquire()).isFalse();
            assertThat(lock.held()).isFalse();
        }
    }

    /** A dump taken before the last writes is put back into the same server, under a service that is running. */
    @Test
    void aDumpPutBackUnderARunningServiceIsNoticed() throws Exception {
        GroupResource young = new GroupResource("example.com", "youngs");
        try (PostgresOrderedStore store = database.store();
                StoreWatchCache cache = new StoreWatchCache(store, CacheLimits.standard())) {
            cache.start();
            commit(store, put(pod("ns", "old"), 0, "x"));
            database.execute("create schema kept");
            for (String table : List.of("store_meta", "resource", "object")) {
                database.execute("create table kept." + table + " as table " + table);
            }
            Entry lost = commit(store, put(pod("ns", "lost"), 0, "x"));
            commit(store, put(key(young, "ns", "lost"), 0, "x"));
            String epoch = store.epoch();
            // As pg_restore --clean does: the tables are made anew.
            for (String table : List.of("store_meta", "resource", "object")) {
                database.execute("create table fresh (like " + table + " including all); drop table " + table
                        + "; alter table fresh rename to " + table);
                database.execute("insert into " + table + (table.equals("resource") ? " overriding system value" : "")
                        + " select * from kept." + table);
            }
            database.execute("truncate object_change");
            database.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where application_name like 'quarterdeck-flusher-%' and datname = current_database()");

            Entry after = null;
            while (after == null) {
                try {
                    after = commit(store, put(key(young, "ns", "new"), 0, "x"));
                } catch (CompletionException unknown) {
                    assertThat(unknown).cause().isInstanceOf(StatusException.class);
                }
            }
            assertThat(after.revision()).isGreaterThan(lost.revision() + (1L << 31));
            assertThat(store.epoch()).isNotEqualTo(epoch);
            await().untilAsserted(() -> {
                assertThat(cache.list(PODS, ListQuery.of(Selection.ALL, new Freshness.Consistent()))
                                .entries())
                        .extracting(entry -> entry.key().key().name())
                        .containsExactly("old");
                assertThat(cache.count(young)).isEqualTo(1);
            });
            assertThatThrownBy(() -> cache.watch(PODS, Selection.ALL, new WatchStart.Behind(lost.revision())))
                    .isInstanceOfSatisfying(
                            StatusException.class,
                            refused -> assertThat(refused.code()).isEqualTo(410));
            assertThat(database.number("select count(*) from object o where not exists"
                            + " (select 1 from resource r where r.id = o.resource_id)"))
                    .isZero();
        }
    }

    /** Files put back by other means: nothing in the database tells, but the service knows what it gave out. */
    @Test
    void aCounterThatWentBackIsNoticed() throws Exception {
        try (PostgresOrderedStore store = database.store()) {
            for (int i = 0; i < 5; i++) {
                commit(store, put(pod("ns", "p" + i), 0, "x"));
            }
            database.execute("delete from object where revision > 2; delete from object_change where revision > 2;"
                    + " update store_meta set revision = 2");
            database.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where application_name like 'quarterdeck-flusher-%' and datname = current_database()");
            Entry after = null;
            while (after == null) {
                try {
                    after = commit(store, put(pod("ns", "after"), 0, "x"));
                } catch (CompletionException unknown) {
                    assertThat(unknown).cause().isInstanceOf(StatusException.class);
                }
            }
            assertThat(after.revision()).isEqualTo(5 + (1L << 32) + 1);
        }
    }

    /** Another replica commits, revisions jump, it commits again: one page of the log with a jump in its middle. */
    @Test
    void aJumpInTheMiddleOfAPageIsNoHole() throws Exception {
        try (PostgresOrderedStore store = database.store()) {
            commit(store, put(pod("ns", "a"), 0, "x"));
            commit(store, put(pod("ns", "b"), 0, "x"));
            store.raiseEpoch();
            commit(store, put(pod("ns", "c"), 0, "x"));

            assertThat(store.changesAfter(0, 10)).hasSize(2);
            assertThatThrownBy(() -> store.changesAfter(2, 10)).isInstanceOf(CompactedException.class);
            assertThat(store.changesAfter(2 + (1L << 32), 10)).hasSize(1);
        }
    }
}
