package io.quarterdeck.api.cache;

/** How new an answer must be. Source: Kubernetes API concepts, "Resource versions". */
public sealed interface Freshness {

    /** At least as new as every write answered before the request came. */
    record Consistent() implements Freshness {}

    /** Whatever is at hand. */
    record Any() implements Freshness {}

    /** Waits for {@code revision}, at most a few seconds, then 504 "Too large resource version". */
    record NotOlderThan(long revision) implements Freshness {}

    /** The state at {@code revision}; 410 when it is no longer known. */
    record Exact(long revision) implements Freshness {}
}
