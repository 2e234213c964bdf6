package io.quarterdeck.api.store;

import static io.quarterdeck.api.store.Samples.MAPS;
import static io.quarterdeck.api.store.Samples.PODS;
import static io.quarterdeck.api.store.Samples.TESTER;
import static io.quarterdeck.api.store.Samples.key;
import static io.quarterdeck.api.store.Samples.pod;
import static io.quarterdeck.api.store.Samples.put;
import static io.quarterdeck.api.store.Samples.remove;
import static io.quarterdeck.api.store.Samples.text;
import static io.quarterdeck.api.store.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every ordered store promises; each adapter runs it. */
public abstract class OrderedStoreContract {

    protected OrderedStore store;

    /** The revision that the store had before the test. */
    protected long base;

    /** A store without objects. */
    protected abstract OrderedStore open() throws Exception;

    @BeforeEach
    void openStore() throws Exception {
        store = open();
        store.register(PODS);
        store.register(MAPS);
        base = store.committedRevision();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    protected List<Entry> commit(Transaction transaction) {
        return store.commit(transaction).join();
    }

    protected Entry commit(Operation operation) {
        return commit(tx(operation)).getFirst();
    }

    private ConflictException conflictOf(Transaction transaction) {
        try {
            store.commit(transaction).join();
        } catch (CompletionException e) {
            return (ConflictException) e.getCause();
        }
        throw new AssertionError("no conflict");
    }

    @Test
    void aRevisionIsTheNextNumberAndStandsInTheBody() {
        Entry first = commit(put(pod("ns", "a"), 0, "x"));
        Entry second = commit(put(pod("ns", "b"), 0, "x"));

        assertThat(first.revision()).isEqualTo(base + 1);
        assertThat(second.revision()).isEqualTo(base + 2);
        assertThat(text(second)).startsWith("\"metadata\":{\"resourceVersion\":\"" + (base + 2) + "\",\"name\":\"b\"");
        assertThat(store.committedRevision()).isEqualTo(base + 2);
    }

    @Test
    void anUpdateKeepsTheRevisionOfTheCreation() {
        Entry created = commit(put(pod("ns", "a"), 0, "x"));
        Entry updated = commit(put(pod("ns", "a"), created.revision(), "y"));

        assertThat(updated.createdRevision()).isEqualTo(created.revision());
        assertThat(updated.revision()).isEqualTo(created.revision() + 1);
        assertThat(text(updated)).contains("\"data\":\"y\"");
    }

    @Test
    void aFailedExpectationChangesNothingAndTellsTheCurrentRevision() {
        Entry created = commit(put(pod("ns", "a"), 0, "x"));

        assertThat(conflictOf(tx(put(pod("ns", "a"), 0, "again"))).currentRevision())
                .isEqualTo(created.revision());
        assertThat(conflictOf(tx(put(pod("ns", "none"), 7, "x"))).currentRevision())
                .isZero();
        assertThat(conflictOf(tx(remove(pod("ns", "a"), created.revision() + 9)))
                        .currentRevision())
                .isEqualTo(created.revision());
        assertThat(store.committedRevision()).isEqualTo(created.revision());
    }

    @Test
    void aDeletionLogsTheLastStateWithItsOwnRevision() {
        Entry created = commit(put(pod("ns", "a"), 0, "x"));
        Entry deleted = commit(remove(pod("ns", "a"), created.revision()));

        Change change = store.changesAfter(created.revision(), 10).getFirst();
        assertThat(deleted.revision()).isEqualTo(created.revision() + 1);
        assertThat(change.type()).isEqualTo(Change.Type.DELETED);
        assertThat(change.previousRevision()).isEqualTo(created.revision());
        assertThat(change.entry().createdRevision()).isEqualTo(created.revision());
        assertThat(text(change.entry()))
                .contains("\"resourceVersion\":\"" + deleted.revision() + "\"")
                .contains("\"data\":\"last\"");
        assertThat(loaded()).isEmpty();
    }

    @Test
    void aTransactionHappensAsAWholeOrNotAtAll() {
        Entry a = commit(put(pod("ns", "a"), 0, "x"));

        ConflictException conflict =
                conflictOf(tx(put(pod("ns", "b"), 0, "x"), put(pod("ns", "a"), 0, "y"), put(pod("ns", "c"), 0, "x")));
        assertThat(conflict.key()).isEqualTo(pod("ns", "a"));
        assertThat(loaded()).extracting(Entry::key).containsExactly(pod("ns", "a"));

        List<Entry> done = commit(tx(
                put(pod("ns", "c"), 0, "x"),
                put(pod("ns", "a"), a.revision(), "y"),
                put(key(MAPS, "ns", "b"), 0, "x")));
        assertThat(done).extracting(Entry::key).containsExactly(pod("ns", "c"), pod("ns", "a"), key(MAPS, "ns", "b"));
        assertThat(done)
                .extracting(Entry::revision)
                .containsExactly(a.revision() + 1, a.revision() + 2, a.revision() + 3);
        assertThat(store.changesAfter(a.revision(), 10))
                .extracting(Change::transactionRevision)
                .containsOnly(a.revision() + 1);
    }

    @Test
    void aGuardMustHold() {
        Entry account = commit(put(pod("ns", "account"), 0, "x"));
        Transaction guarded = new Transaction(
                List.of(put(pod("ns", "a"), 0, "x")),
                List.of(
                        new Transaction.Guard(account.key(), account.revision()),
                        new Transaction.Guard(pod("ns", "ghost"), 0)),
                TESTER);
        commit(guarded);
        Entry moved = commit(put(account.key(), account.revision(), "y"));

        ConflictException conflict = conflictOf(new Transaction(
                List.of(put(pod("ns", "b"), 0, "x")),
                List.of(new Transaction.Guard(account.key(), account.revision())),
                TESTER));
        assertThat(conflict.key()).isEqualTo(account.key());
        assertThat(conflict.currentRevision()).isEqualTo(moved.revision());
    }

    @Test
    void theLogTellsWhoDidWhat() {
        commit(new Transaction(
                List.of(put(pod("ns", "a"), 0, "x")), List.of(), new Transaction.Attribution("jane", "id-7", "set-1")));

        Change change = store.changesAfter(base, 10).getFirst();
        assertThat(change.actor()).isEqualTo("jane");
        assertThat(change.auditId()).isEqualTo("id-7");
        assertThat(change.cause()).isEqualTo("set-1");
        assertThat(change.type()).isEqualTo(Change.Type.ADDED);
        assertThat(change.previousRevision()).isZero();
    }

    @Test
    void loadsInTheOrderOfTheBytesOfNamespaceAndName() {
        List<String> ordered = List.of("a-b/x", "a/b", "a/b.c", "a/b0", "a/\uE000", "a/\uD83D\uDE00", "a0/a");
        List<String> shuffled = new ArrayList<>(ordered);
        Collections.reverse(shuffled);
        for (String path : shuffled) {
            commit(put(pod(path.substring(0, path.indexOf('/')), path.substring(path.indexOf('/') + 1)), 0, "x"));
        }
        assertThat(loaded()).extracting(entry -> entry.key().key().path()).containsExactlyElementsOf(ordered);
    }

    @Test
    void keepsEveryCharacterOfABody() {
        String data = "\\u0000 \uD83D\uDE00 \u00e9 \\\" 9223372036854775807";
        Entry written = commit(put(pod("ns", "a"), 0, data));

        assertThat(text(loaded().getFirst())).isEqualTo(text(written)).contains(data);
        assertThat(store.changesAfter(base, 1).getFirst().entry().body()).isEqualTo(written.body());
    }

    @Test
    void headersComeBackAsTheyWereWritten() {
        Map<String, String> labels = Map.of("app", "web", "tier", "front");
        Entry written = commit(put(pod("ns", "a"), 0, "x", labels, Map.of("spec.nodeName", "n1")));

        assertThat(loaded().getFirst().header()).isEqualTo(written.header());
        assertThat(loaded().getFirst().storedVersion()).isEqualTo("v1");
    }

    @Test
    void theLogIsATailWithoutGaps() {
        for (int i = 0; i < 10; i++) {
            commit(put(pod("ns", "p" + i), 0, "x"));
        }
        assertThat(store.changesAfter(base + 3, 4))
                .extracting(change -> change.entry().revision())
                .containsExactly(base + 4, base + 5, base + 6, base + 7);
        assertThat(store.changesAfter(base + 10, 4)).isEmpty();
        assertThat(store.changesAt(List.of(base + 9, base + 2, base + 99)))
                .extracting(change -> change.entry().revision())
                .containsExactly(base + 2, base + 9);
    }

    @Test
    void followersLearnOfACommitBeforeItsCallers() {
        List<Long> followed = new CopyOnWriteArrayList<>();
        store.follow(new OrderedStore.Follower() {
            @Override
            public void committed(List<Change> batch) {
                batch.forEach(change -> followed.add(change.entry().revision()));
            }

            @Override
            public void wakeUp() {}
        });
        for (int i = 0; i < 20; i++) {
            Entry entry = commit(put(pod("ns", "p" + i), 0, "x"));
            assertThat(followed).endsWith(entry.revision());
        }
    }

    /** Writers in parallel, each with answers that it knows: every acknowledged write is there, once and in order. */
    @Test
    void manyWritersLoseNothing() throws Exception {
        int writers = 16;
        int writes = 40;
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
                    }
                    return mine;
                }));
            }
            for (Future<List<Entry>> done : running) {
                acknowledged.add(done.get());
            }
        }
        List<Change> log = store.changesAfter(base, Integer.MAX_VALUE);
        assertThat(log)
                .extracting(change -> change.entry().revision())
                .containsExactlyElementsOf(LongStream.rangeClosed(base + 1, base + writers * writes)
                        .boxed()
                        .toList());
        for (List<Entry> mine : acknowledged) {
            assertThat(mine).extracting(Entry::revision).isSorted();
            for (Entry entry : mine) {
                assertThat(log.get((int) (entry.revision() - base - 1)).entry().body())
                        .isEqualTo(entry.body());
            }
            assertThat(loaded()).anyMatch(entry -> text(entry).equals(text(mine.getLast())));
        }
    }

    /** A counter that many raise by compare-and-set counts every success exactly once. */
    @Test
    void aContendedObjectTakesOneWriterAtATime() throws Exception {
        StoreKey counter = pod("ns", "counter");
        commit(put(counter, 0, "0"));
        int writers = 8;
        int raises = 20;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = IntStream.range(0, writers)
                    .<Future<?>>mapToObj(w -> threads.submit(() -> {
                        for (int i = 0; i < raises; i++) {
                            raise(counter);
                        }
                    }))
                    .toList();
            for (Future<?> done : running) {
                done.get();
            }
        }
        assertThat(text(loaded().getFirst())).contains("\"data\":\"" + writers * raises + "\"");
        assertThat(store.changesAfter(base, Integer.MAX_VALUE)).hasSize(1 + writers * raises);
    }

    private void raise(StoreKey counter) {
        while (true) {
            Entry now = loaded().getFirst();
            String body = text(now);
            int count = Integer.parseInt(body.substring(body.indexOf("\"data\":\"") + 8, body.length() - 2));
            CompletableFuture<List<Entry>> tried =
                    store.commit(tx(put(counter, now.revision(), Integer.toString(count + 1))));
            try {
                tried.join();
                return;
            } catch (CompletionException e) {
                assertThat(e.getCause()).isInstanceOf(ConflictException.class);
            }
        }
    }

    @Test
    void writesAnObjectOnceInATransaction() {
        assertThatThrownBy(() -> tx(put(pod("ns", "a"), 0, "x"), remove(pod("ns", "a"), 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    protected List<Entry> loaded() {
        List<Entry> entries = new ArrayList<>();
        store.load(entries::add);
        return entries;
    }
}
