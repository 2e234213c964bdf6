package io.quarterdeck.api.cache;

/** Where a watch begins. */
public sealed interface WatchStart {

    /** Everything that exists as ADDED (the state being as fresh as asked), then what follows. */
    record Existing(Freshness freshness) implements WatchStart {}

    /** Only what changed behind {@code revision}; 410 when that is no longer known. */
    record Behind(long revision) implements WatchStart {}
}
