package io.quarterdeck.feed.kafka;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.feed.ChangeFeed;
import io.quarterdeck.feed.ChangeSink;
import io.quarterdeck.feed.ChangeTopics;
import io.quarterdeck.feed.Scope;
import io.quarterdeck.feed.WatchFrame;
import io.quarterdeck.model.StatusException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sink with its two sources, of which one feeds it at a time. The lock makes a change of source one step between
 * two changes.
 */
final class Follower<T extends HasMetadata> implements ChangeFeed.Subscription {

    private static final Logger log = LoggerFactory.getLogger(Follower.class);

    private final KafkaFeed feed;
    private final ChangeFeed watch;
    private final ResourceType<T> type;
    private final ChangeSink<T> sink;
    private final ObjectSerialization serialization;
    private final String topic;
    private final ReentrantLock lock = new ReentrantLock();

    /** What feeds the sink by HTTP; null while Kafka does. */
    private @Nullable Watched watched;

    /** The highest revision that the consumer has passed by while HTTP fed the sink. */
    private long passedBy;

    private boolean usable = true;
    private boolean closed;

    Follower(
            KafkaFeed feed,
            ChangeFeed watch,
            ResourceType<T> type,
            ChangeSink<T> sink,
            ObjectSerialization serialization) {
        this.feed = feed;
        this.watch = watch;
        this.type = type;
        this.sink = sink;
        this.serialization = serialization;
        this.topic = ChangeTopics.of(type.groupResource());
    }

    String topic() {
        return topic;
    }

    /** Whether the topic carries whole objects; kinds encrypted at rest are published by key only. */
    boolean usable() {
        return usable;
    }

    @Override
    public String source() {
        lock.lock();
        try {
            return watched == null ? "kafka" : "watch";
        } finally {
            lock.unlock();
        }
    }

    void byWatch() {
        lock.lock();
        try {
            passedBy = 0;
            if (watched == null && !closed) {
                watched = new Watched(false);
                watched.subscription = watch.follow(type, Scope.ALL, watched);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What the sink knows may be wrong. */
    void relist() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (watched != null) {
                watched.end();
            }
            watched = new Watched(true);
            watched.subscription = watch.follow(type, Scope.ALL, watched);
        } finally {
            lock.unlock();
        }
    }

    /** Leaves HTTP when the sink knows all that the topic, complete from a revision on, will not tell. */
    void byKafka(long completeFrom) {
        lock.lock();
        try {
            boolean caughtUp = watched != null
                    && !watched.listing
                    && usable
                    && completeFrom >= 0
                    && sink.revision() >= Math.max(completeFrom, passedBy);
            if (caughtUp && watched != null && feed.completeFrom(topic) == completeFrom) {
                watched.end();
                watched = null;
                log.debug("{} goes on through Kafka from revision {}", type.groupResource(), sink.revision());
            }
        } finally {
            lock.unlock();
        }
    }

    void received(byte[] value) {
        lock.lock();
        try {
            WatchFrame<T> frame = WatchFrame.read(type, serialization, value);
            if (watched == null) {
                frame.applyTo(sink);
            } else {
                passedBy = Math.max(passedBy, frame.revision());
            }
        } catch (StatusException withoutObject) {
            log.info("{} cannot be followed through Kafka: {}", type.groupResource(), withoutObject.text());
            usable = false;
            byWatch();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (watched != null) {
                watched.end();
                watched = null;
            }
        } finally {
            lock.unlock();
        }
        feed.unfollow(this);
    }

    /** The sink as HTTP sees it, until it is told to end. */
    private final class Watched implements ChangeSink<T> {

        ChangeFeed.@Nullable Subscription subscription;
        boolean listing;
        private boolean ended;

        Watched(boolean listing) {
            this.listing = listing;
        }

        void end() {
            ended = true;
            if (subscription != null) {
                subscription.close();
            }
        }

        @Override
        public void replace(long revision, List<T> objects) {
            change(() -> {
                listing = false;
                sink.replace(revision, objects);
            });
        }

        @Override
        public void put(long revision, T object) {
            change(() -> sink.put(revision, object));
        }

        @Override
        public void remove(long revision, T last) {
            change(() -> sink.remove(revision, last));
        }

        @Override
        public void reached(long revision) {
            change(() -> sink.reached(revision));
        }

        /** Zero asks for a list. */
        @Override
        public long revision() {
            return listing ? 0 : sink.revision();
        }

        private void change(Runnable change) {
            lock.lock();
            try {
                if (!ended) {
                    change.run();
                    byKafka(feed.completeFrom(topic));
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
