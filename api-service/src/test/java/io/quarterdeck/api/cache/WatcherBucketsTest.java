package io.quarterdeck.api.cache;

import static io.quarterdeck.api.store.Samples.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.cache.Watcher.Bucket;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.Samples;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatcherBucketsTest {
    private static final long MILLI = 1_000_000;

    private final WatcherBuckets buckets = new WatcherBuckets();
    private final EventRing ring = new EventRing(0);
    private final List<Watcher> crowd =
            Stream.generate(() -> new Watcher(Bucket.ALL)).limit(1_000).toList();
    private final Watcher alone = new Watcher(new Bucket(Bucket.Kind.NAME, "a", ""));
    private final WatcherBuckets.Group group;
    private final long start;

    WatcherBucketsTest() {
        crowd.forEach(buckets::add);
        buckets.add(alone);
        group = buckets.add(crowd.getFirst());
        start = System.nanoTime();
    }

    private void change() {
        change(ring);
    }

    private static void change(EventRing ring) {
        var header = Samples.header("uid", Map.of(), Map.of());
        var key = pod("n", "a");
        ring.append(new RingEvent(
                Change.Type.MODIFIED,
                null,
                new Entry(key, ring.tail() + 1, 1, "v1", Samples.body(key, header, "x"), header)));
    }

    @ParameterizedTest(name = "{0} watchers")
    @CsvSource({"0, 2", "1, 2", "100, 2.5", "200, 5", "201, 5.745", "500, 228.5", "1000, 600", "1000000, 600"})
    void theMoreThereAreTheMoreFramesShareAWrite(int watchers, double millis) {
        assertThat(WatcherBuckets.paceNanos(watchers)).isEqualTo((long) (millis * MILLI));
    }

    @Test
    void aFirstChangeIsToldAtOnce() {
        change();
        assertThat(buckets.announce(ring, start)).isZero();
        assertThat(crowd).allMatch(watcher -> watcher.take() == 1);
        assertThat(alone.take()).isEqualTo(1);
    }

    @Test
    void aCrowdWaitsForItsNextRoundAndNobodyWaitsForTheCrowd() {
        change();
        buckets.announce(ring, start);
        crowd.forEach(Watcher::take);
        alone.take();

        change();
        assertThat(buckets.announce(ring, start + 10 * MILLI)).isEqualTo(590 * MILLI);
        assertThat(alone.take()).isEqualTo(2);
        assertThat(crowd).allMatch(watcher -> watcher.take() == Watcher.NOTHING);
        assertThat(buckets.announced()).isEqualTo(2);
        assertThat(group.held()).as("nobody may think that there was nothing").isEqualTo(2);

        change();
        buckets.announce(ring, start + 20 * MILLI);
        assertThat(buckets.announce(ring, start + 600 * MILLI)).isZero();
        assertThat(crowd).allMatch(watcher -> watcher.take() == 2);
        assertThat(group.held()).isEqualTo(Watcher.NOTHING);
    }

    @Test
    void aSmallGroupSavesUpAFewRounds() {
        long quiet = start + 1_000 * MILLI;
        for (int round = 0; round < 4; round++) {
            change();
            buckets.announce(ring, quiet + 2 * MILLI * round);
            assertThat(alone.take()).isEqualTo(round + 1);
        }
        WatcherBuckets few = new WatcherBuckets();
        List<Watcher> hundred = crowd.subList(0, 100);
        hundred.forEach(few::add);
        EventRing own = new EventRing(0);
        int told = 0;
        for (int step = 0; step < 20; step++) {
            change(own);
            few.announce(own, quiet + 2 * MILLI * step);
            told += hundred.getFirst().take() != Watcher.NOTHING ? 1 : 0;
            hundred.forEach(Watcher::take);
        }
        assertThat(told).as("38 ms at 2.5 ms for a round, and three saved").isBetween(17, 19);
    }

    @Test
    void whoDoesNotReadMakesNobodyWait() {
        change();
        buckets.announce(ring, start);
        crowd.stream().limit(100).forEach(Watcher::take);
        change();
        buckets.announce(ring, start + 600 * MILLI);
        crowd.stream().limit(100).forEach(Watcher::take);
        change();
        assertThat(buckets.announce(ring, start + 602 * MILLI)).isEqualTo(MILLI / 2);
        buckets.announce(ring, start + 605 * MILLI);
        assertThat(crowd.stream().filter(watcher -> watcher.take() == 3)).hasSize(100);
    }

    @Test
    void eventsCloseTogetherAreAnnouncedTogether() {
        change();
        buckets.announce(ring, start);
        change();
        assertThat(buckets.announce(ring, start + MILLI)).isEqualTo(MILLI);
        assertThat(buckets.announced()).isEqualTo(1);
    }

    @Test
    void beforeEventsAreDroppedWhoeverWasNotToldOfThemIsTold() {
        change();
        buckets.announce(ring, start);
        crowd.forEach(Watcher::take);
        change();
        buckets.announceThrough(ring, 1, start + 3 * MILLI);
        buckets.announce(ring, start + 3 * MILLI);
        assertThat(crowd)
                .as("an old event is no reason to hurry")
                .allMatch(watcher -> watcher.take() == Watcher.NOTHING);
        buckets.announceThrough(ring, 1, start + 4 * MILLI);
        assertThat(crowd).allMatch(watcher -> watcher.take() == Watcher.NOTHING);
        buckets.announceThrough(ring, 2, start + 5 * MILLI);
        assertThat(crowd).allMatch(watcher -> watcher.take() == 2);
        change();
        buckets.announceThrough(ring, 3, start + 6 * MILLI);
        assertThat(crowd).as("also of what was not announced yet").allMatch(watcher -> watcher.take() == 3);
        assertThat(buckets.announced()).isEqualTo(3);
    }
}
