package io.quarterdeck.api.cache;

import java.time.Duration;

/**
 * @param ringBytes how many bytes the rings of all storages may keep alive together
 * @param recalledChanges how many of the last changes are read back into the rings at start, so that watches resume
 * @param freshnessWait how long a read waits for a revision before it is refused as too large
 */
public record CacheLimits(long ringBytes, int recalledChanges, Duration freshnessWait) {

    /** An eighth of the heap, ten thousand changes, three seconds (as upstream). */
    public static CacheLimits standard() {
        return new CacheLimits(Runtime.getRuntime().maxMemory() / 8, 10_000, Duration.ofSeconds(3));
    }
}
