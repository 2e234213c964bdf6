package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * One change as a watcher with a selector sees it.
 *
 * @param entry what the frame shows. An object that leaves the selection is DELETED with its previous body and the
 *     event's revision
 * @param previous the state before the change; null when there was none, or when the watch begins with the entry
 */
public record WatchEvent(
        Change.Type type, Entry entry, @Nullable Entry previous) {}
