package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;

/**
 * One change as a watcher with a selector sees it.
 *
 * @param entry what the frame shows. An object that leaves the selection is DELETED with its previous body and the
 *     event's revision
 */
public record WatchEvent(Change.Type type, Entry entry) {}
