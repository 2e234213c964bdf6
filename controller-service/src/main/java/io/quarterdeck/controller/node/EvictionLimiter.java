package io.quarterdeck.controller.node;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How fast nodes of a zone may get NoExecute taints: one at once, then at a rate. In a zone where most nodes are
 * down the fault is probably the zone's, so the rate falls (in small zones to nothing); where all zones are down
 * entirely the fault is probably the controller's own, and nothing is evicted. Not thread-safe. Source: Kubernetes
 * documentation, "Nodes", rate limits on eviction.
 */
final class EvictionLimiter {

    private final Rates rates;
    private final Map<String, Bucket> buckets = new HashMap<>();

    /**
     * @param perSecond in a healthy zone
     * @param secondaryPerSecond in a zone with {@code unhealthyThreshold} of its nodes down
     * @param largeCluster nodes above which the secondary rate is not zero
     */
    record Rates(double perSecond, double secondaryPerSecond, double unhealthyThreshold, int largeCluster) {}

    /** Nodes of a zone, and how many of them are not ready. */
    record Zone(int nodes, int notReady) {

        boolean down() {
            return nodes > 0 && notReady == nodes;
        }
    }

    private static final class Bucket {
        double tokens = 1;
        Instant filled;

        Bucket(Instant now) {
            filled = now;
        }
    }

    EvictionLimiter(Rates rates) {
        this.rates = rates;
    }

    /** Whether another node of the zone may be tainted now; if so, that is counted. */
    boolean take(String name, Map<String, Zone> zones, Instant now) {
        Bucket bucket = buckets.computeIfAbsent(name, same -> new Bucket(now));
        double seconds = Duration.between(bucket.filled, now).toMillis() / 1000d;
        bucket.filled = now;
        bucket.tokens = Math.min(1, bucket.tokens + seconds * rate(name, zones));
        boolean allDown = zones.values().stream().allMatch(Zone::down);
        if (allDown || bucket.tokens < 1) {
            return false;
        }
        bucket.tokens -= 1;
        return true;
    }

    private double rate(String name, Map<String, Zone> zones) {
        Zone zone = zones.getOrDefault(name, new Zone(0, 0));
        boolean partial = !zone.down()
                && zone.notReady() > 2
                && (double) zone.notReady() / zone.nodes() >= rates.unhealthyThreshold();
        if (!partial) {
            return rates.perSecond();
        }
        return zone.nodes() > rates.largeCluster() ? rates.secondaryPerSecond() : 0;
    }
}
