package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ResourceType;

/**
 * A source of changes: the port behind {@link Informers}. Whatever fails on the way is repeated until it works; a sink
 * never sees a gap, only a delay or a new {@link ChangeSink#replace}. Thread-safe.
 */
public interface ChangeFeed extends AutoCloseable {

    /** Starts to follow; returns at once. The sink is called by one thread at a time. */
    <T extends HasMetadata> Subscription follow(ResourceType<T> type, Scope scope, ChangeSink<T> sink);

    @Override
    void close();

    /** One sink being fed. */
    interface Subscription extends AutoCloseable {

        /** Through what the sink is fed just now, for operators: {@code watch} or {@code kafka}. */
        String source();

        @Override
        void close();
    }
}
