package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ResourceType;
import java.time.Duration;

/**
 * The informers of one process. The first call for a kind and scope creates its informer; once {@link #start} was
 * called, new ones start by themselves. Thread-safe.
 */
public interface Informers extends AutoCloseable {

    default <T extends HasMetadata> Informer<T> of(Class<T> kind) {
        return of(kind, Scope.ALL);
    }

    <T extends HasMetadata> Informer<T> of(Class<T> kind, Scope scope);

    /** For resources that discovery names, or of which only the metadata is wanted. */
    <T extends HasMetadata> Informer<T> of(ResourceType<T> type, Scope scope);

    /** Ends the informer of a resource that is no longer served; unknown ones are ignored. */
    void stop(ResourceType<?> type, Scope scope);

    void start();

    /** Waits until every informer has its first list; false when the time ran out. */
    boolean awaitSynced(Duration atMost) throws InterruptedException;

    @Override
    void close();
}
