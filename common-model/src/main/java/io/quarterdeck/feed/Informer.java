package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;

/** One kind followed: a list at start, then each change. Shared by all who ask for the same kind and scope. Thread-safe. */
public interface Informer<T extends HasMetadata> {

    Lister<T> lister();

    void handle(ChangeHandler<? super T> handler);

    /** Must be called before the informer starts. Adding the same index again changes nothing. */
    void index(Index<? super T> index);

    /** Whether the first list is in. Stays true afterwards. */
    boolean synced();

    /** The highest resourceVersion that the lister reflects; 0 before the first list. */
    long revision();

    /** Waits until the lister reflects {@code revision}, that of a write to this kind; false when the time ran out. */
    boolean awaitRevision(long revision, Duration atMost) throws InterruptedException;
}
