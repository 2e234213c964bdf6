package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * Told of each change after the lister shows it, in order, on one thread for each informer: be quick. A handler added
 * late is first told of all that exists.
 */
public interface ChangeHandler<T extends HasMetadata> {

    void added(T object);

    void updated(T before, T after);

    /** The last state known; after a missed deletion it may be stale. */
    void deleted(T last);
}
