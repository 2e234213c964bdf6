package io.quarterdeck.api.cache;

import static io.quarterdeck.api.store.Samples.MAPS;
import static io.quarterdeck.api.store.Samples.PODS;
import static io.quarterdeck.api.store.Samples.key;
import static io.quarterdeck.api.store.Samples.pod;
import static io.quarterdeck.api.store.Samples.put;
import static io.quarterdeck.api.store.Samples.remove;
import static io.quarterdeck.api.store.Samples.text;
import static io.quarterdeck.api.store.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.api.store.Change.Type;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.memory.MemoryOrderedStore;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreWatchCacheTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Freshness CONSISTENT = new Freshness.Consistent();

    private final MemoryOrderedStore store = new MemoryOrderedStore(InstantSource.system());
    private StoreWatchCache cache;

    @BeforeEach
    void start() {
        cache = cacheOf(1 << 20);
    }

    @AfterEach
    void stop() throws Exception {
        cache.close();
    }

    private StoreWatchCache cacheOf(long ringBytes) {
        StoreWatchCache made = new StoreWatchCache(store, new CacheLimits(ringBytes, 100, Duration.ofMillis(50)));
        made.start();
        return made;
    }

    private Entry write(Operation operation) {
        return store.commit(tx(operation)).join().getFirst();
    }

    private Entry create(String namespace, String name) {
        return write(put(pod(namespace, name), 0, "x"));
    }

    private static List<String> names(Listing listing) {
        return listing.entries().stream()
                .map(entry -> entry.key().key().toString())
                .toList();
    }

    private static Selection in(String namespace) {
        return new Selection(namespace, "", LabelSelector.EVERYTHING, FieldSelector.EVERYTHING);
    }

    private static Selection labelled(String key, String value) {
        return new Selection(
                "",
                "",
                new LabelSelector(
                        List.of(new LabelSelector.Requirement(key, LabelSelector.Operator.IN, Set.of(value)))),
                FieldSelector.EVERYTHING);
    }

    private static Selection onNode(String node) {
        return new Selection(
                "",
                "",
                LabelSelector.EVERYTHING,
                new FieldSelector(List.of(new FieldSelector.Requirement("spec.nodeName", true, node))));
    }

    private static List<WatchEvent> take(EventCursor cursor, int count) throws InterruptedException {
        List<WatchEvent> events = new ArrayList<>();
        while (events.size() < count) {
            List<WatchEvent> next = cursor.next(100, LONG);
            assertThat(next).as("events within %s", LONG).isNotEmpty();
            events.addAll(next);
        }
        return events;
    }

    private static String shown(WatchEvent event) {
        return event.type() + " " + event.entry().key().key() + " "
                + event.entry().revision();
    }

    @Test
    void listsInOrderByNamespaceAndName() {
        create("b", "a");
        create("a", "b");
        create("a-b", "z");
        create("a", "a");

        assertThat(names(cache.list(PODS, ListQuery.of(Selection.ALL, CONSISTENT))))
                .containsExactly("a-b/z", "a/a", "a/b", "b/a");
        assertThat(names(cache.list(PODS, ListQuery.of(in("a"), CONSISTENT)))).containsExactly("a/a", "a/b");
        assertThat(cache.count(PODS)).isEqualTo(4);
        assertThat(cache.get(PODS, new ObjectKey("a", "b"), CONSISTENT)).isPresent();
        assertThat(cache.get(PODS, new ObjectKey("a", "none"), CONSISTENT)).isEmpty();
    }

    @Test
    void aListCarriesTheGlobalRevisionAlsoForAQuietResource() {
        create("a", "a");
        write(put(key(MAPS, "a", "m"), 0, "x"));

        assertThat(cache.list(PODS, ListQuery.of(Selection.ALL, CONSISTENT)).revision())
                .isEqualTo(2);
    }

    @Test
    void selectsByLabelAndFieldThroughTheIndexes() {
        for (int i = 0; i < 200; i++) {
            write(put(
                    pod("n" + i % 2, "p" + i),
                    0,
                    "x",
                    Map.of("app", "a" + i % 10),
                    Map.of("spec.nodeName", "node" + i % 50)));
        }
        assertThat(cache.list(PODS, ListQuery.of(labelled("app", "a3"), CONSISTENT))
                        .entries())
                .hasSize(20)
                .allMatch(entry -> "a3".equals(entry.header().labels().get("app")));
        assertThat(names(cache.list(PODS, ListQuery.of(onNode("node7"), CONSISTENT))))
                .containsExactly("n1/p107", "n1/p157", "n1/p57", "n1/p7");

        write(put(pod("n1", "p7"), 8, "x", Map.of("app", "moved"), Map.of("spec.nodeName", "node8")));
        assertThat(names(cache.list(PODS, ListQuery.of(onNode("node7"), CONSISTENT))))
                .doesNotContain("n1/p7");
        assertThat(names(cache.list(PODS, ListQuery.of(labelled("app", "moved"), CONSISTENT))))
                .containsExactly("n1/p7");
        Listing page = cache.list(
                PODS, new ListQuery(onNode("node8"), CONSISTENT, 2, Optional.of(new ObjectKey("n0", "p108"))));
        assertThat(names(page)).containsExactly("n0/p158", "n0/p58");
        assertThat(page.next()).contains(new ObjectKey("n0", "p58"));
        assertThat(page.remaining()).isEmpty();
    }

    @Test
    void pagesShowTheStateOfTheFirstPage() {
        for (int i = 0; i < 7; i++) {
            create("a", "p" + i);
        }
        create("b", "q");
        Listing first = cache.list(PODS, new ListQuery(in("a"), CONSISTENT, 3, Optional.empty()));
        assertThat(first.remaining()).isEqualTo(OptionalLong.of(4));
        write(remove(pod("a", "p4"), 5));
        create("a", "p31");
        write(put(pod("a", "p5"), 6, "changed"));

        Listing second =
                cache.list(PODS, new ListQuery(in("a"), new Freshness.Exact(first.revision()), 3, first.next()));
        Listing third =
                cache.list(PODS, new ListQuery(in("a"), new Freshness.Exact(first.revision()), 3, second.next()));

        assertThat(names(second)).containsExactly("a/p3", "a/p4", "a/p5");
        assertThat(text(second.entries().get(2))).doesNotContain("changed");
        assertThat(second.revision()).isEqualTo(first.revision());
        assertThat(names(third)).containsExactly("a/p6");
        assertThat(third.next()).isEmpty();
    }

    @Test
    void refusesARevisionThatIsTooLarge() {
        create("a", "a");
        assertThatThrownBy(() -> cache.list(PODS, ListQuery.of(Selection.ALL, new Freshness.NotOlderThan(999))))
                .isInstanceOfSatisfying(StatusException.class, refused -> {
                    assertThat(refused.code()).isEqualTo(504);
                    assertThat(refused.text()).isEqualTo("Timeout: Too large resource version: 999, current: 1");
                    assertThat(refused.details().causes())
                            .containsExactly(new StatusException.Cause(
                                    "ResourceVersionTooLarge", "Too large resource version", ""));
                    assertThat(refused.details().retryAfterSeconds()).isEqualTo(1);
                });
    }

    @Test
    void whatTheRingForgotIsExpired() throws Exception {
        cache.close();
        cache = cacheOf(2_000);
        for (int i = 0; i < 200; i++) {
            write(put(pod("a", "p"), i, "x"));
        }
        assertThatThrownBy(() -> cache.list(PODS, ListQuery.of(Selection.ALL, new Freshness.Exact(5))))
                .isInstanceOfSatisfying(StatusException.class, refused -> {
                    assertThat(refused.code()).isEqualTo(410);
                    assertThat(refused.text()).isEqualTo("The resourceVersion for the provided list is too old.");
                });
        assertThatThrownBy(() -> cache.watch(PODS, Selection.ALL, new WatchStart.Behind(5)))
                .isInstanceOfSatisfying(StatusException.class, refused -> {
                    assertThat(refused.code()).isEqualTo(410);
                    assertThat(refused.text()).startsWith("too old resource version: 5 (");
                });
        assertThat(cache.list(PODS, ListQuery.of(Selection.ALL, new Freshness.Exact(199)))
                        .entries()
                        .getFirst()
                        .revision())
                .isEqualTo(199);
    }

    @Test
    void aStalledWatcherExpiresAndAQuietBucketDoesNot() throws Exception {
        cache.close();
        cache = cacheOf(2_000);
        try (EventCursor stalled = cache.watch(PODS, Selection.ALL, new WatchStart.Behind(0));
                EventCursor quiet = cache.watch(
                        PODS,
                        new Selection("a", "quiet", LabelSelector.EVERYTHING, FieldSelector.EVERYTHING),
                        new WatchStart.Behind(0))) {
            assertThat(quiet.next(10, Duration.ofMillis(1))).isEmpty();
            for (int i = 0; i < 200; i++) {
                write(put(pod("a", "p"), i, "x"));
            }
            Entry awaited = create("a", "quiet");

            assertThat(shown(take(quiet, 1).getFirst())).isEqualTo("ADDED a/quiet " + awaited.revision());
            assertThatThrownBy(() -> stalled.next(10, LONG))
                    .isInstanceOfSatisfying(
                            StatusException.class,
                            refused -> assertThat(refused.code()).isEqualTo(410));
        }
    }

    @Test
    void aSelectorTurnsChangesIntoArrivalsAndDepartures() throws Exception {
        Map<String, String> yes = Map.of("on", "yes");
        Map<String, String> no = Map.of("on", "no");
        write(put(pod("ns", "a"), 0, "x", no));
        write(put(pod("ns", "a"), 1, "x", yes));
        write(put(pod("ns", "a"), 2, "y", yes));
        write(put(pod("ns", "a"), 3, "z", no));
        write(put(pod("ns", "a"), 4, "x", yes));
        write(remove(pod("ns", "a"), 5));

        try (EventCursor cursor = cache.watch(PODS, labelled("on", "yes"), new WatchStart.Behind(0))) {
            List<WatchEvent> events = take(cursor, 5);
            assertThat(events)
                    .extracting(StoreWatchCacheTest::shown)
                    .containsExactly(
                            "ADDED ns/a 2", "MODIFIED ns/a 3", "DELETED ns/a 4", "ADDED ns/a 5", "DELETED ns/a 6");
            assertThat(text(events.get(2).entry()))
                    .contains("\"resourceVersion\":\"4\"")
                    .contains("\"data\":\"y\"");
            assertThat(cursor.progress()).isEqualTo(6);
        }
    }

    @Test
    void aWatchOfWhatExistsGoesOnWithWhatFollows() throws Exception {
        create("ns", "a");
        create("ns", "b");
        try (EventCursor cursor = cache.watch(PODS, Selection.ALL, new WatchStart.Existing(CONSISTENT))) {
            assertThat(cursor.initialEventsDone()).isFalse();
            assertThat(cursor.next(1, LONG))
                    .extracting(StoreWatchCacheTest::shown)
                    .containsExactly("ADDED ns/a 1");
            write(put(pod("ns", "a"), 1, "y"));
            assertThat(cursor.next(9, LONG))
                    .extracting(StoreWatchCacheTest::shown)
                    .containsExactly("ADDED ns/b 2");
            assertThat(cursor.initialEventsDone()).isTrue();
            assertThat(cursor.next(9, LONG)).extracting(event -> event.type()).containsExactly(Type.MODIFIED);
        }
    }

    @Test
    void aNameAloneSelectsNoOther() throws Exception {
        create("", "a");
        create("", "b");
        Selection named = new Selection("", "b", LabelSelector.EVERYTHING, FieldSelector.EVERYTHING);

        try (EventCursor cursor = cache.watch(PODS, named, new WatchStart.Existing(CONSISTENT))) {
            assertThat(take(cursor, 1)).extracting(StoreWatchCacheTest::shown).containsExactly("ADDED b 2");
        }
    }

    @Test
    void aBookmarkAdvancesOnAQuietResource() throws Exception {
        try (EventCursor cursor = cache.watch(PODS, in("ns"), new WatchStart.Existing(CONSISTENT))) {
            write(put(key(MAPS, "ns", "m"), 0, "x"));
            assertThat(cursor.next(10, Duration.ofMillis(1))).isEmpty();
            assertThat(cursor.progress()).isEqualTo(1);
        }
    }

    @Test
    void aRestartedCacheResumesWatches() throws Exception {
        create("ns", "a");
        write(put(pod("ns", "a"), 1, "y"));
        write(put(pod("ns", "a"), 2, "z"));
        store.compact(1);
        cache.close();
        cache = cacheOf(1 << 20);

        try (EventCursor cursor = cache.watch(PODS, Selection.ALL, new WatchStart.Behind(2))) {
            assertThat(take(cursor, 1)).extracting(StoreWatchCacheTest::shown).containsExactly("MODIFIED ns/a 3");
        }
        assertThatThrownBy(() -> cache.watch(PODS, Selection.ALL, new WatchStart.Behind(1)))
                .isInstanceOf(StatusException.class);
    }

    /** Watchers of every sort see each change of theirs exactly once and in order while writers go on. */
    @Test
    void watchersMissNothingUnderLoad() throws Exception {
        int objects = 8;
        int rounds = 60;
        List<EventCursor> cursors = new ArrayList<>();
        for (int i = 0; i < objects; i++) {
            cursors.add(cache.watch(
                    PODS,
                    new Selection("ns", "p" + i, LabelSelector.EVERYTHING, FieldSelector.EVERYTHING),
                    new WatchStart.Behind(0)));
        }
        EventCursor all = cache.watch(PODS, Selection.ALL, new WatchStart.Behind(0));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < objects; i++) {
                int object = i;
                running.add(threads.submit(() -> {
                    long expected = 0;
                    for (int round = 0; round < rounds; round++) {
                        expected = write(put(pod("ns", "p" + object), expected, "v" + round))
                                .revision();
                    }
                }));
                running.add(threads.submit(() -> {
                    List<WatchEvent> seen = take(cursors.get(object), rounds);
                    assertThat(seen).hasSize(rounds);
                    for (int round = 0; round < rounds; round++) {
                        assertThat(text(seen.get(round).entry())).contains("\"v" + round + "\"");
                    }
                    return null;
                }));
            }
            running.add(threads.submit(() -> {
                List<WatchEvent> seen = take(all, objects * rounds);
                for (int i = 0; i < seen.size(); i++) {
                    assertThat(seen.get(i).entry().revision()).isEqualTo(i + 1);
                }
                return null;
            }));
            for (Future<?> done : running) {
                done.get();
            }
        }
        for (EventCursor cursor : cursors) {
            cursor.close();
        }
        all.close();
        assertThat(cache.figures()).allMatch(figures -> figures.watchers() == 0);
    }

    /** A continued list after a restart: what was deleted before the load is not known, so the old state is not either. */
    @Test
    void anExactStateFromBeforeTheLoadIsExpired() throws Exception {
        create("a", "kept");
        Entry gone = create("a", "gone");
        write(remove(pod("a", "gone"), gone.revision()));
        create("b", "later");
        store.compact(3);
        try (StoreWatchCache restarted = new StoreWatchCache(store, CacheLimits.standard())) {
            restarted.start();
            assertThatThrownBy(() -> restarted.list(PODS, ListQuery.of(in("a"), new Freshness.Exact(2))))
                    .isInstanceOfSatisfying(
                            StatusException.class,
                            refused -> assertThat(refused.code()).isEqualTo(410));
            assertThat(names(restarted.list(PODS, ListQuery.of(in("a"), new Freshness.Exact(3)))))
                    .containsExactly("a/kept");
            assertThatThrownBy(() -> restarted.list(MAPS, ListQuery.of(Selection.ALL, new Freshness.Exact(2))))
                    .isInstanceOf(StatusException.class);
        }
    }

    /**
     * One event at a time against a watcher that takes each: an event between two looks must not lose its signal, also not
     * while it is held back for the next round of a crowd.
     */
    @ParameterizedTest(name = "beside {0} others")
    @ValueSource(ints = {0, 300})
    void aWatcherMissesNothingHoweverItsLooksFall(int others) throws Exception {
        int changes = 20_000;
        List<EventCursor> crowd = new ArrayList<>();
        try (StoreWatchCache large = cacheOf(64 << 20);
                EventCursor cursor = large.watch(PODS, in("a"), new WatchStart.Behind(0))) {
            for (int i = 0; i < others; i++) {
                crowd.add(large.watch(PODS, in("a"), new WatchStart.Behind(0)));
            }
            Thread writer = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < changes; i++) {
                    create("a", "p" + i);
                    create("b", "p" + i);
                }
            });
            List<WatchEvent> seen = new ArrayList<>();
            long end = System.nanoTime() + LONG.toNanos();
            while (seen.size() < changes && System.nanoTime() < end) {
                // Mostly it looks without having been woken.
                seen.addAll(cursor.next(100, Duration.ofMillis(1)));
            }
            assertThat(seen).hasSize(changes);
            writer.join();
            for (int i = 0; i < changes; i++) {
                assertThat(seen.get(i).entry().revision()).isEqualTo(2 * i + 1);
            }
        } finally {
            crowd.forEach(EventCursor::close);
        }
    }

    @Test
    void aRestartRecallsNoMoreThanItsRingsMayHold() throws Exception {
        for (int i = 0; i < 100; i++) {
            write(put(pod("a", "p" + i), 0, "x".repeat(1_000)));
        }
        try (StoreWatchCache narrow =
                new StoreWatchCache(store, new CacheLimits(20_000, 10_000, Duration.ofSeconds(3)))) {
            narrow.start();
            assertThatThrownBy(() -> narrow.watch(PODS, Selection.ALL, new WatchStart.Behind(10)))
                    .isInstanceOf(StatusException.class);
            try (EventCursor cursor = narrow.watch(PODS, Selection.ALL, new WatchStart.Behind(95))) {
                assertThat(take(cursor, 5)).hasSize(5);
            }
        }
    }

    @Test
    void revisionsThatJumpAreNoHole() throws Exception {
        create("a", "a");
        try (EventCursor cursor = cache.watch(PODS, Selection.ALL, new WatchStart.Behind(0))) {
            take(cursor, 1);
            store.raiseEpoch();
            Entry after = create("a", "b");
            assertThat(after.revision()).isGreaterThan(1L << 32);
            assertThat(names(cache.list(PODS, ListQuery.of(Selection.ALL, CONSISTENT))))
                    .containsExactly("a/a", "a/b");
            assertThatThrownBy(() -> cursor.next(10, LONG)).isInstanceOf(StatusException.class);
            assertThat(cache.healthy()).isTrue();
        }
    }
}
