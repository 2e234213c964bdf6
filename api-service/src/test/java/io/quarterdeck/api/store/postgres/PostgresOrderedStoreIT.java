package io.quarterdeck.api.store.postgres;

import static io.quarterdeck.api.store.Samples.PODS;
import static io.quarterdeck.api.store.Samples.pod;
import static io.quarterdeck.api.store.Samples.put;
import static io.quarterdeck.api.store.Samples.text;
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
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.CompactedException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.OrderedStoreContract;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.model.StatusException;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresOrderedStoreIT extends OrderedStoreContract {

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

    @Override
    protected OrderedStore open() throws Exception {
        database = new TestDatabase(server);
        return database.store();
    }

    @AfterEach
    void closeDatabase() {
        database.close();
    }

    private PostgresOrderedStore postgres() {
        return (PostgresOrderedStore) store;
    }

    private void assertLogWithoutHoles(OrderedStore any) throws Exception {
        List<Change> log = any.changesAfter(base, Integer.MAX_VALUE);
        assertThat(log)
                .extracting(change -> change.entry().revision())
                .containsExactlyElementsOf(LongStream.rangeClosed(base + 1, any.committedRevision())
                        .boxed()
                        .toList());
        assertThat(database.number("select count(*) from object o where not exists (select 1 from object_change c"
                        + " where c.revision = o.revision and c.body = o.body and c.key = o.key and c.type < 2)"))
                .as("objects that differ from their last change")
                .isZero();
    }

    @Test
    void severalReplicasShareOneOrder() throws Exception {
        try (PostgresOrderedStore other = database.store();
                StoreWatchCache mine = new StoreWatchCache(store, CacheLimits.standard());
                StoreWatchCache theirs = new StoreWatchCache(other, CacheLimits.standard())) {
            mine.start();
            theirs.start();
            List<PostgresOrderedStore> stores = List.of(postgres(), other);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> running = new ArrayList<>();
                for (int w = 0; w < 8; w++) {
                    int writer = w;
                    running.add(threads.submit(() -> {
                        long expected = 0;
                        for (int i = 0; i < 50; i++) {
                            // Every write goes to the other replica than the one before.
                            expected = stores.get((writer + i) % 2)
                                    .commit(tx(put(pod("ns", "p" + writer), expected, "v" + i)))
                                    .join()
                                    .getFirst()
                                    .revision();
                        }
                    }));
                }
                for (Future<?> done : running) {
                    done.get();
                }
            }
            assertLogWithoutHoles(other);
            for (StoreWatchCache cache : List.of(mine, theirs)) {
                assertThat(cache.list(PODS, ListQuery.of(Selection.ALL, new Freshness.Consistent()))
                                .revision())
                        .isEqualTo(base + 400);
                try (var cursor = cache.watch(PODS, Selection.ALL, new WatchStart.Behind(base))) {
                    assertThat(cursor.next(1_000, Duration.ofSeconds(10)))
                            .extracting(event -> event.entry().revision())
                            .containsExactlyElementsOf(LongStream.rangeClosed(base + 1, base + 400)
                                    .boxed()
                                    .toList());
                }
            }
        }
    }

    /** Writers that know their answers, while the flusher's backend is killed again and again. */
    @Test
    void nothingIsLostOrDoubledWhenBackendsAreKilled() throws Exception {
        int writers = 8;
        int writes = 120;
        List<List<Entry>> acknowledged = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Entry>>> running = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                int writer = w;
                running.add(threads.submit(() -> {
                    List<Entry> mine = new ArrayList<>();
                    long expected = 0;
                    for (int i = 0; i < writes; i++) {
                        Entry entry = commit(put(pod("ns", "p" + writer), expected, "v" + i));
                        expected = entry.revision();
                        mine.add(entry);
                        if (writer == 0 && i % 20 == 10) {
                            database.execute(
                                    "select pg_terminate_backend(pid) from pg_stat_activity"
                                            + " where application_name like 'quarterdeck-flusher-%' and datname = current_database()");
                        }
                    }
                    return mine;
                }));
            }
            for (Future<List<Entry>> done : running) {
                acknowledged.add(done.get());
            }
        }
        assertAcknowledged(acknowledged);
        assertThat(store.committedRevision()).isEqualTo(base + writers * writes);
    }

    /** The postmaster dies by SIGKILL under load and recovers; every acknowledged write is there. */
    @Test
    void acknowledgedWritesOutliveTheDatabaseServer() throws Exception {
        long killed = server.pid();
        List<List<Entry>> acknowledged = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Entry>>> running = new ArrayList<>();
            for (int w = 0; w < 8; w++) {
                int writer = w;
                running.add(threads.submit(() -> {
                    List<Entry> mine = new ArrayList<>();
                    long expected = 0;
                    // Backends outlive their postmaster for a while: only its successor shows that the outage was met.
                    for (int i = 0; i < 150 || server.pid() == killed; i++) {
                        Entry entry = commit(put(pod("ns", "p" + writer), expected, "v" + i));
                        expected = entry.revision();
                        mine.add(entry);
                        if (writer == 0 && i == 40) {
                            server.kill();
                        }
                    }
                    return mine;
                }));
            }
            for (Future<List<Entry>> done : running) {
                acknowledged.add(done.get());
            }
        }
        assertAcknowledged(acknowledged);
    }

    /** A service dies by SIGKILL while it writes; what it acknowledged is there, and another goes on at once. */
    @Test
    void acknowledgedWritesOutliveTheService() throws Exception {
        ProcessBuilder command = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                WritingProcess.class.getName(),
                database.url());
        command.environment().put("DATABASE_USERNAME", server.username());
        command.environment().put("DATABASE_PASSWORD", server.password());
        command.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process writer = command.start();
        Map<Long, String> acknowledged = new TreeMap<>();
        try (BufferedReader told = writer.inputReader()) {
            for (String line = told.readLine(); line != null; line = told.readLine()) {
                String[] words = line.split(" ");
                if (words[0].equals("acknowledged") && words.length == 4) {
                    acknowledged.put(Long.parseLong(words[2]), words[1] + " " + words[3]);
                }
                if (acknowledged.size() == 500) {
                    // Not by the Process itself, which would close the pipe and lose what was told.
                    writer.toHandle().destroyForcibly();
                }
            }
        }
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(500);
        long next = commit(put(pod("ns", "after"), 0, "x")).revision();

        assertLogWithoutHoles(store);
        List<Change> log = store.changesAfter(base, Integer.MAX_VALUE);
        acknowledged.forEach((revision, write) -> {
            Change change = log.get((int) (revision - base - 1));
            String[] words = write.split(" ");
            assertThat(change.entry().key()).isEqualTo(pod("ns", words[0]));
            assertThat(text(change.entry())).contains("\"data\":\"" + words[1] + "\"");
        });
        assertThat(log.getLast().entry().revision()).isEqualTo(next);
    }

    private void assertAcknowledged(List<List<Entry>> acknowledged) throws Exception {
        assertLogWithoutHoles(store);
        List<Change> log = store.changesAfter(base, Integer.MAX_VALUE);
        for (List<Entry> mine : acknowledged) {
            assertThat(mine).extracting(Entry::revision).isSorted();
            for (Entry entry : mine) {
                assertThat(log.get((int) (entry.revision() - base - 1)).entry().body())
                        .isEqualTo(entry.body());
            }
        }
    }

    @Test
    void aBadRowFailsAloneAndTextIsCleaned() {
        List<CompletableFuture<List<Entry>>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(store.commit(new Transaction(
                    List.of(put(pod("ns", "p" + i), 0, "x")),
                    List.of(),
                    new Transaction.Attribution("ev\0il" + "x".repeat(2_000), "a", ""))));
        }
        answers.forEach(CompletableFuture::join);
        assertThat(store.changesAfter(base, 1).getFirst().actor())
                .startsWith("ev\uFFFDil")
                .hasSize(1_024);

        assertThatThrownBy(() -> store.commit(tx(put(pod("ns", "a\0b"), 0, "x"))))
                .isInstanceOf(StatusException.class);
    }

    @Test
    void refusesWhatIsTooMuch() throws Exception {
        try (PostgresOrderedStore narrow = database.store(Map.of("max-queued", "4"));
                var blocker = database.pool().getConnection()) {
            narrow.register(PODS);
            blocker.setAutoCommit(false);
            blocker.createStatement().execute("select 1 from store_meta for update");
            List<CompletableFuture<List<Entry>>> accepted = new ArrayList<>();
            accepted.add(narrow.commit(tx(put(pod("ns", "first"), 0, "x"))));
            await().until(() -> narrow.queued() == 0);
            for (int i = 0; i < 4; i++) {
                accepted.add(narrow.commit(tx(put(pod("ns", "p" + i), 0, "x"))));
            }
            assertThatThrownBy(() -> narrow.commit(tx(put(pod("ns", "q"), 0, "x"))))
                    .isInstanceOfSatisfying(StatusException.class, refused -> {
                        assertThat(refused.code()).isEqualTo(429);
                        assertThat(refused.details().retryAfterSeconds()).isEqualTo(1);
                    });
            blocker.rollback();
            accepted.forEach(CompletableFuture::join);
        }
    }

    @Test
    void aRestoredDatabaseMakesRevisionsJumpAndCachesReadAnew() throws Exception {
        commit(put(pod("ns", "a"), 0, "x"));
        String epoch = store.epoch();
        store.close();
        database.execute("update store_meta set system_identifier = 1");
        store = database.store();

        assertThat(store.epoch()).isNotEqualTo(epoch);
        assertThat(store.compactedRevision()).isEqualTo(base + 1 + (1L << 32));
        assertThatThrownBy(() -> store.changesAfter(base + 1, 10)).isInstanceOf(CompactedException.class);
        assertThat(commit(put(pod("ns", "b"), 0, "x")).revision()).isEqualTo(base + 2 + (1L << 32));
    }

    @Test
    void aJumpByHandMakesWatchersStartAnew() throws Exception {
        try (StoreWatchCache cache = new StoreWatchCache(store, CacheLimits.standard())) {
            cache.start();
            commit(put(pod("ns", "a"), 0, "x"));
            try (var cursor = cache.watch(PODS, Selection.ALL, new WatchStart.Behind(base + 1))) {
                assertThat(cursor.next(10, Duration.ofMillis(1))).isEmpty();
                postgres().raiseEpoch();
                Entry after = commit(put(pod("ns", "b"), 0, "x"));
                assertThat(after.revision()).isGreaterThan(1L << 32);
                assertThatThrownBy(() -> cursor.next(10, Duration.ofSeconds(10)))
                        .isInstanceOfSatisfying(
                                StatusException.class,
                                refused -> assertThat(refused.code()).isEqualTo(410));
            }
            assertThat(cache.list(PODS, ListQuery.of(Selection.ALL, new Freshness.Consistent()))
                            .entries())
                    .hasSize(2);
        }
    }

    @Test
    void oldChangesAreDroppedByPartition() throws Exception {
        commit(put(pod("ns", "a"), 0, "x"));
        postgres().raiseEpoch();
        commit(put(pod("ns", "b"), 0, "x"));
        try (PostgresOrderedStore forgetful = database.store(Map.of("history-size", "1B"))) {
            forgetful.maintainNow();
        }
        assertThat(database.number("select count(*) from object_change")).isEqualTo(1);
        assertThat(database.number("select count(*) from pg_class where relname = 'object_change_0'"))
                .isZero();
        assertThat(loaded()).hasSize(2);
        commit(put(pod("ns", "c"), 0, "x"));
    }

    @Test
    void makesRoomWhenTheLogHasNone() throws Exception {
        database.execute("update store_meta set revision = 10000000, compacted_revision = 10000000");

        assertThat(commit(put(pod("ns", "a"), 0, "x")).revision()).isEqualTo(10_000_001);
    }

    @Test
    void refusesADatabaseThatIsNotDurable() throws Exception {
        database.execute("alter database "
                + database.url().substring(database.url().lastIndexOf('/') + 1) + " set synchronous_commit = off");

        assertThatThrownBy(database::store)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("synchronous_commit is off");
    }

    @Test
    void answersTheDeadlineWhenTheDatabaseDoesNot() throws Exception {
        try (PostgresOrderedStore hasty = database.store(Map.of("write-deadline", "300ms"));
                var blocker = database.pool().getConnection()) {
            hasty.commit(tx(put(pod("ns", "before"), 0, "x"))).join();
            blocker.setAutoCommit(false);
            blocker.createStatement().execute("select 1 from store_meta for update");
            assertThatThrownBy(() ->
                            hasty.commit(tx(put(pod("ns", "a"), 0, "x"))).join())
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            StatusException.class,
                            refused -> assertThat(refused.code()).isEqualTo(504));
            blocker.rollback();
        }
    }
}
