package io.quarterdeck.api.operations;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.cache.StoreWatchCache.StorageFigures;

/** The watch cache's gauges. */
final class CacheMetrics implements MeterBinder {

    private final StoreWatchCache cache;

    CacheMetrics(StoreWatchCache cache) {
        this.cache = cache;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("quarterdeck.cache.revision", cache, StoreWatchCache::revision)
                .description("The revision up to which reads are current")
                .register(registry);
        Gauge.builder("quarterdeck.cache.objects", cache, all -> sum(all, Figure.OBJECTS))
                .description("Objects in the watch cache")
                .register(registry);
        Gauge.builder("quarterdeck.cache.ring.bytes", cache, all -> sum(all, Figure.RING_BYTES))
                .description("Bytes that only the event rings keep alive")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("quarterdeck.cache.watchers", cache, all -> sum(all, Figure.WATCHERS))
                .description("Open watches")
                .register(registry);
        Gauge.builder("quarterdeck.cache.reloads", cache, StoreWatchCache::reloads)
                .description("How often everything was read anew, the start included")
                .register(registry);
    }

    private enum Figure {
        OBJECTS,
        RING_BYTES,
        WATCHERS
    }

    private static double sum(StoreWatchCache cache, Figure figure) {
        return cache.figures().stream()
                .mapToLong((StorageFigures storage) -> switch (figure) {
                    case OBJECTS -> storage.objects();
                    case RING_BYTES -> storage.ringBytes();
                    case WATCHERS -> storage.watchers();
                })
                .sum();
    }
}
