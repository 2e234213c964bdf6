package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.Optional;

/**
 * All reads. Blocking calls are meant for virtual threads. Thread-safe.
 *
 * <p>Errors are {@link io.quarterdeck.model.StatusException} in upstream's words: 410 Expired, 504 Timeout with cause
 * ResourceVersionTooLarge.
 */
public interface WatchCache {

    Optional<Entry> get(GroupResource storage, ObjectKey key, Freshness freshness);

    Listing list(GroupResource storage, ListQuery query);

    EventCursor watch(GroupResource storage, Selection selection, WatchStart start);

    /** How many objects a storage holds, as of now. */
    long count(GroupResource storage);

    /** The revision up to which all storages are current. */
    long revision();

    /** Waits until the cache shows {@code revision}: what a writer does after a conflict. 504 when it takes too long. */
    void awaitRevision(long revision);
}
