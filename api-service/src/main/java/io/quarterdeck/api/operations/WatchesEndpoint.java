package io.quarterdeck.api.operations;

import io.quarterdeck.api.cache.StoreWatchCache;
import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** What is watched: each storage's objects, recent events, horizon and watchers. */
@Endpoint(id = "watches")
final class WatchesEndpoint {

    private final StoreWatchCache cache;

    WatchesEndpoint(StoreWatchCache cache) {
        this.cache = cache;
    }

    @ReadOperation
    List<StoreWatchCache.StorageFigures> storages() {
        return cache.figures();
    }
}
