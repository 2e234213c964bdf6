package io.quarterdeck.feed.kafka;

import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The end of topics, and what is appended to them from now on. */
interface ChangeTail extends AutoCloseable {

    /** Topics that exist now. */
    Set<String> existing();

    /** The offset that the next record of the topic will have. */
    long end(String topic);

    /**
     * Starts to receive what is appended to the topics; an earlier call's topics end. When the first record is
     * received, the place to read from is fixed for every topic.
     */
    void open(Collection<String> topics, Receiver receiver);

    /** Receives nothing more until the next {@link #open}. */
    void pause();

    @Override
    void close();

    /** Told of each record, by one thread. */
    @FunctionalInterface
    interface Receiver {
        void received(Received record);
    }

    /**
     * One record.
     *
     * @param value null in a tombstone
     */
    record Received(String topic, long offset, Instant at, byte @Nullable [] value) {}
}
