package io.quarterdeck.feed.kafka;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.feed.ChangeFeed;
import io.quarterdeck.feed.ChangeSink;
import io.quarterdeck.feed.ChangeTopics;
import io.quarterdeck.feed.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * Follows resources through Kafka, one consumer for all of them, and through HTTP watch whenever Kafka is behind or away.
 *
 * <p>Every sink begins with HTTP. Once the consumer stands at the end of the topics, the next progress record tells a
 * revision J from which on the topics are complete. A sink that knows everything up to J (and up to what the consumer
 * has passed by meanwhile) needs HTTP no longer. When progress stays away for 3 s, all sinks go on by HTTP from where
 * they are, and joining starts anew. So no change is lost or told twice, whichever way it comes. Thread-safe.
 */
public final class KafkaFeed implements ChangeFeed {

    private static final Logger log = LoggerFactory.getLogger(KafkaFeed.class);
    private static final Duration LAG = Duration.ofSeconds(3);

    /**
     * A joining that has not succeeded by then begins anew, with twice the time: opening a consumer is dear, and a machine
     * too busy to finish one joining would never finish any.
     */
    private static final Duration JOINING = Duration.ofSeconds(15);

    private static final Duration LONGEST_JOINING = Duration.ofMinutes(4);

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration TOPICS_AGAIN = Duration.ofSeconds(5);

    private final ChangeFeed watch;
    private final ChangeTail tail;
    private final ObjectSerialization serialization;
    private final InstantSource clock;
    private final List<Follower<?>> followers = new CopyOnWriteArrayList<>();
    private final Thread keeper;
    private volatile boolean closed;

    // The keeper and the consumer share these; each change is made under the lock.
    private final Object lock = new Object();
    private Set<String> opened = Set.of();
    private Instant openedAt = Instant.EPOCH;
    private Duration joining = JOINING;
    private Instant topicsAsked = Instant.EPOCH;
    private long progressFrom = -1;
    private long joined = -1;
    private Instant progressAt = Instant.EPOCH;

    /** Whether the log says already that Kafka cannot be joined. */
    private volatile boolean complained;

    KafkaFeed(ChangeFeed watch, ChangeTail tail, ObjectSerialization serialization, InstantSource clock) {
        this.watch = watch;
        this.tail = tail;
        this.serialization = serialization;
        this.clock = clock;
        this.keeper = Thread.ofVirtual().name("kafka-feed").unstarted(this::keep);
    }

    /** Begins to look for Kafka; until it is found, all goes by HTTP watch. */
    KafkaFeed start() {
        keeper.start();
        return this;
    }

    @Override
    public <T extends HasMetadata> Subscription follow(ResourceType<T> type, Scope scope, ChangeSink<T> sink) {
        if (!scope.everything()) {
            return watch.follow(type, scope, sink);
        }
        Follower<T> follower = new Follower<>(this, watch, type, sink, serialization);
        followers.add(follower);
        follower.byWatch();
        return follower;
    }

    void unfollow(Follower<?> follower) {
        followers.remove(follower);
    }

    private void keep() {
        try {
            while (!closed) {
                look();
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException stopped) {
            log.debug("no longer looking for Kafka");
        }
    }

    /** One look at how Kafka does: falls back, joins, joins anew. */
    void look() {
        Instant now = clock.instant();
        boolean stale;
        synchronized (lock) {
            boolean silent = joined >= 0 && progressAt.plus(LAG).isBefore(now);
            boolean never =
                    !opened.isEmpty() && joined < 0 && openedAt.plus(joining).isBefore(now);
            stale = silent || never;
            if (never && joining.compareTo(LONGEST_JOINING) < 0) {
                joining = joining.multipliedBy(2);
            }
        }
        if (stale) {
            fallBack("progress is more than " + LAG.toSeconds() + " s behind");
        }
        try {
            join(now);
        } catch (RuntimeException unreachable) {
            if (!complained) {
                complained = true;
                log.warn(
                        "Kafka cannot be joined, following by HTTP watch: {}",
                        NestedExceptionUtils.getMostSpecificCause(unreachable).toString());
            }
            log.debug("Kafka cannot be joined", unreachable);
        }
    }

    private void fallBack(String why) {
        synchronized (lock) {
            if (joined >= 0) {
                log.warn("{}: following by HTTP watch", why);
            }
            forget();
        }
        tail.pause();
        followers.forEach(Follower::byWatch);
    }

    private void forget() {
        opened = Set.of();
        progressFrom = -1;
        joined = -1;
    }

    private void join(Instant now) {
        Set<String> wanted = new HashSet<>();
        followers.stream().filter(Follower::usable).forEach(follower -> wanted.add(follower.topic()));
        synchronized (lock) {
            if (wanted.isEmpty()
                    || opened.containsAll(wanted)
                    || topicsAsked.plus(TOPICS_AGAIN).isAfter(now)) {
                return;
            }
            topicsAsked = now;
        }
        Set<String> existing = tail.existing();
        wanted.retainAll(existing);
        synchronized (lock) {
            if (!existing.contains(ChangeTopics.PROGRESS) || wanted.isEmpty() || opened.containsAll(wanted)) {
                return;
            }
        }
        // Those that Kafka feeds already must not miss what comes while the consumer moves.
        boolean moving;
        synchronized (lock) {
            moving = !opened.isEmpty();
            forget();
        }
        if (moving) {
            tail.pause();
            followers.forEach(Follower::byWatch);
        }
        List<String> topics = new ArrayList<>(wanted);
        topics.add(ChangeTopics.PROGRESS);
        synchronized (lock) {
            opened = Set.copyOf(topics);
            openedAt = now;
        }
        tail.open(topics, this::received);
    }

    private void received(ChangeTail.Received record) {
        if (record.topic().equals(ChangeTopics.PROGRESS)) {
            progress(record);
        } else if (record.value() != null) {
            for (Follower<?> follower : followers) {
                if (follower.topic().equals(record.topic())) {
                    follower.received(record.value());
                }
            }
        }
    }

    private void progress(ChangeTail.Received record) {
        if (record.value() == null) {
            return;
        }
        ChangeTopics.Progress progress = ChangeTopics.Progress.read(record.value());
        if (progress.reset()) {
            log.info("the publisher began anew at revision {}: listing again", progress.revision());
            followers.forEach(Follower::relist);
            return;
        }
        boolean fresh = !record.at().plus(LAG).isBefore(clock.instant());
        boolean first;
        synchronized (lock) {
            first = progressFrom < 0;
        }
        // Only a record appended from now on is younger than every place read from.
        long end = first ? tail.end(ChangeTopics.PROGRESS) : -1;
        long complete;
        synchronized (lock) {
            if (opened.isEmpty()) {
                return;
            }
            if (progressFrom < 0) {
                progressFrom = end;
            }
            if (progressFrom >= 0 && joined < 0 && record.offset() >= progressFrom) {
                joined = progress.revision();
                joining = JOINING;
                complained = false;
                log.info("joined the change topics at revision {}", joined);
            }
            if (fresh) {
                progressAt = clock.instant();
            }
            complete = joined;
        }
        if (complete >= 0 && fresh) {
            followers.forEach(follower -> follower.byKafka(complete));
        }
    }

    /** From which revision on the topic is complete and current; negative while it is not. */
    long completeFrom(String topic) {
        synchronized (lock) {
            boolean current = !progressAt.plus(LAG).isBefore(clock.instant());
            return current && opened.contains(topic) ? joined : -1;
        }
    }

    @Override
    public void close() {
        closed = true;
        keeper.interrupt();
        tail.close();
        watch.close();
    }
}
