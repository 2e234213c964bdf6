package io.quarterdeck.system.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.cache.CacheLimits;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.memory.MemoryOrderedStore;
import io.quarterdeck.system.history.Call.Ending;
import io.quarterdeck.system.history.Call.Frame;
import io.quarterdeck.system.history.Call.Selection;
import io.quarterdeck.system.history.Call.Watch;
import io.quarterdeck.system.history.Violation.Rule;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker is trusted because it finds what is wrong, and nothing where nothing is. */
class HistoryCheckerTest {

    private static final long ENOUGH = 6_000;
    private static final Load.Shape SHAPE = new Load.Shape(4, 4, 8, 0, 2, 6, Duration.ofMillis(1));

    private static HistoryChecker.Verdict verdict(SeededBug bug, long ringBytes, long window) throws Exception {
        try (OrderedStore store = bug.in(new MemoryOrderedStore(InstantSource.system()));
                StoreWatchCache cache =
                        new StoreWatchCache(store, new CacheLimits(ringBytes, 10_000, Duration.ofSeconds(1)))) {
            cache.start();
            WatchCache shown = bug.in(cache);
            try (Load load = new Load(SHAPE, number -> new InProcessApi(store, shown)).start(0)) {
                while (load.history().size() < ENOUGH) {
                    Thread.sleep(10);
                }
                if (bug == SeededBug.NONE || window == 0) {
                    load.end();
                }
                probe(load.history(), new InProcessApi(store, shown), cache.revision());
                load.close();
                return HistoryChecker.check(load.history(), window);
            }
        }
    }

    /** Watches from each of the last revisions: where the ring ends they are refused, and nowhere do they begin late. */
    private static void probe(History history, Api api, long last) throws Exception {
        for (long from = Math.max(0, last - 400); from < last; from++) {
            long began = System.nanoTime();
            List<Frame> frames = new ArrayList<>();
            Ending ending = api.watch(Selection.ALL, from, frame -> {
                frames.add(frame);
                return frames.size() < 3;
            });
            history.add(new Watch(began, System.nanoTime(), Selection.ALL, from, frames, ending, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"100000000, 100000", "20000, 0"})
    void findsNothingWrongInWhatIsRight(long ringBytes, long window) throws Exception {
        HistoryChecker.Verdict verdict = verdict(SeededBug.NONE, ringBytes, window);

        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.model().sequence()).hasSizeGreaterThan(500);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void findsEachSeededBug(SeededBug bug) throws Exception {
        boolean atHorizon = bug == SeededBug.HORIZON_OFF_BY_ONE;
        HistoryChecker.Verdict verdict = verdict(bug, atHorizon ? 20_000 : 100_000_000, atHorizon ? 0 : 100_000);
        List<Rule> telling = switch (bug) {
            case NONE -> List.of();
            case REVISION_BEFORE_COMMIT, LOST_WRITE -> List.of(Rule.UNIQUE_REVISION);
            case CACHE_BEHIND_THE_ANSWER -> List.of(Rule.STALE_READ);
            case HORIZON_OFF_BY_ONE, LOST_EVENT -> List.of(Rule.WATCH_INCOMPLETE);
            case STALE_LIST -> List.of(Rule.WRONG_LIST);
            case DOUBLED_EVENT -> List.of(Rule.WATCH_ORDER);
            case BOOKMARK_AHEAD -> List.of(Rule.WATCH_BOOKMARK);
            case WRONG_TRANSITION -> List.of(Rule.WATCH_TRANSITION);
            case EXPIRED_EARLY -> List.of(Rule.WATCH_EXPIRED);
        };
        assertThat(verdict.violations()).extracting(Violation::rule).containsAll(telling);
    }
}
