package io.quarterdeck.feed.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.feed.ChangeFeed;
import io.quarterdeck.feed.ChangeSink;
import io.quarterdeck.feed.ChangeTopics;
import io.quarterdeck.feed.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KafkaFeedTest {

    private static final String TOPIC = "quarterdeck.core.pods";

    private final ObjectSerialization serialization = new ObjectSerialization();
    private final Tail tail = new Tail();
    private final Watch watch = new Watch();
    private final Told sink = new Told();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final KafkaFeed feed = new KafkaFeed(watch, tail, serialization, () -> now);
    private final ChangeFeed.Subscription subscription = feed.follow(ResourceType.of(Pod.class), Scope.ALL, sink);

    @BeforeEach
    void listed() {
        watch.sink().replace(10, List.of());
    }

    @Test
    void beginsByWatchAndJoinsOnceItKnowsAllThatTheTopicWillNotTell() {
        feed.look();
        assertThat(tail.opened).containsExactlyInAnyOrder(TOPIC, ChangeTopics.PROGRESS);

        tail.progress(15);
        assertThat(subscription.source()).isEqualTo("watch");
        // The first record was appended before the end was asked for: it proves nothing yet.
        tail.progress(16);
        assertThat(subscription.source()).isEqualTo("watch");

        watch.sink().reached(16);
        assertThat(subscription.source()).isEqualTo("kafka");
        assertThat(watch.running()).isZero();
    }

    @Test
    void whatTheConsumerPassedByMustComeByWatchFirst() {
        feed.look();
        tail.progress(10);
        tail.pod("a", 12);
        tail.progress(12);

        assertThat(subscription.source()).isEqualTo("watch");
        assertThat(sink.told).isEmpty();

        watch.sink().put(12, pod("a", 12));
        assertThat(subscription.source()).isEqualTo("kafka");
        assertThat(sink.told).containsExactly("a@12");
    }

    @Test
    void tellsEachChangeOnceThroughKafka() {
        join();
        tail.pod("a", 9);
        tail.pod("a", 11);
        tail.pod("a", 11);
        tail.deleted("a", 12);
        tail.tombstone();

        assertThat(sink.told).containsExactly("a@11", "-a@12");
    }

    @Test
    void silenceFallsBackToWatchFromTheLastRevisionAndReturns() {
        join();
        tail.pod("a", 11);
        now = now.plusSeconds(4);
        feed.look();

        assertThat(subscription.source()).isEqualTo("watch");
        assertThat(watch.startedAt).isEqualTo(11);
        watch.sink().put(12, pod("b", 12));

        now = now.plusSeconds(10);
        feed.look();
        tail.progress(12);
        tail.progress(12);
        assertThat(subscription.source()).isEqualTo("kafka");
        assertThat(sink.told).containsExactly("a@11", "b@12");
    }

    @Test
    void oldProgressIsNoFreshness() {
        feed.look();
        now = now.plus(Duration.ofSeconds(5));
        tail.at = now.minusSeconds(5);
        tail.progress(10);
        tail.progress(10);

        assertThat(subscription.source()).isEqualTo("watch");
    }

    @Test
    void aResetListsAnew() {
        join();
        tail.record(ChangeTopics.PROGRESS, new ChangeTopics.Progress(99, 2, true).bytes());

        assertThat(subscription.source()).isEqualTo("watch");
        assertThat(watch.startedAt).isZero();
        watch.sink().replace(99, List.of(pod("z", 98)));
        assertThat(sink.told).containsExactly("=[z]@99");
    }

    @Test
    void aTopicWithoutObjectsIsNotFollowed() {
        join();
        tail.record(TOPIC, "{\"type\":\"MODIFIED\"}".getBytes(StandardCharsets.UTF_8));

        assertThat(subscription.source()).isEqualTo("watch");
        tail.progress(10);
        assertThat(subscription.source()).isEqualTo("watch");
    }

    @Test
    void aSelectionGoesByWatchAlways() {
        assertThat(feed.follow(ResourceType.of(Pod.class), Scope.fields("spec.nodeName=n"), new Told())
                        .source())
                .isEqualTo("fake watch");
    }

    private void join() {
        feed.look();
        tail.progress(10);
        tail.progress(10);
        assertThat(subscription.source()).isEqualTo("kafka");
    }

    private static Pod pod(String name, long revision) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("d")
                .withUid(name)
                .withResourceVersion(Long.toString(revision))
                .endMetadata()
                .build();
    }

    private final class Tail implements ChangeTail {
        Collection<String> opened = List.of();
        Instant at = now;
        private @Nullable Receiver receiver;
        private long offset;

        @Override
        public Set<String> existing() {
            return Set.of(TOPIC, ChangeTopics.PROGRESS, "quarterdeck.core.secrets");
        }

        @Override
        public long end(String topic) {
            return offset;
        }

        @Override
        public void open(Collection<String> topics, Receiver to) {
            opened = topics;
            receiver = to;
            at = now;
        }

        @Override
        public void pause() {
            receiver = null;
        }

        @Override
        public void close() {
            pause();
        }

        void record(String topic, byte @Nullable [] value) {
            long own = offset++;
            if (receiver != null) {
                receiver.received(new Received(topic, own, at, value));
            }
        }

        void progress(long revision) {
            record(ChangeTopics.PROGRESS, new ChangeTopics.Progress(revision, 1, false).bytes());
        }

        void pod(String name, long revision) {
            frame("MODIFIED", name, revision);
        }

        void deleted(String name, long revision) {
            frame("DELETED", name, revision);
        }

        void tombstone() {
            record(TOPIC, null);
        }

        private void frame(String type, String name, long revision) {
            record(
                    TOPIC,
                    ("{\"type\":\"" + type + "\",\"object\":" + serialization.asJson(KafkaFeedTest.pod(name, revision))
                                    + "}")
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Feeds nothing by itself: the test does. */
    private static final class Watch implements ChangeFeed {
        private final List<ChangeSink<?>> sinks = new ArrayList<>();
        long startedAt = -1;

        @Override
        public <T extends HasMetadata> Subscription follow(ResourceType<T> type, Scope scope, ChangeSink<T> to) {
            if (scope.everything()) {
                sinks.add(to);
                startedAt = to.revision();
            }
            return new Subscription() {
                @Override
                public String source() {
                    return "fake watch";
                }

                @Override
                public void close() {
                    sinks.remove(to);
                }
            };
        }

        int running() {
            return sinks.size();
        }

        @SuppressWarnings("unchecked") // the tests follow pods only
        ChangeSink<Pod> sink() {
            return (ChangeSink<Pod>) sinks.getLast();
        }

        @Override
        public void close() {}
    }

    private static final class Told implements ChangeSink<Pod> {
        final List<String> told = new ArrayList<>();
        private long revision;

        @Override
        public void replace(long at, List<Pod> objects) {
            if (!objects.isEmpty()) {
                told.add("="
                        + objects.stream()
                                .map(pod -> pod.getMetadata().getName())
                                .toList() + "@" + at);
            }
            revision = at;
        }

        @Override
        public void put(long at, Pod object) {
            told.add(object.getMetadata().getName() + "@" + at);
            revision = at;
        }

        @Override
        public void remove(long at, Pod last) {
            told.add("-" + last.getMetadata().getName() + "@" + at);
            revision = at;
        }

        @Override
        public void reached(long at) {
            revision = Math.max(revision, at);
        }

        @Override
        public long revision() {
            return revision;
        }
    }
}
