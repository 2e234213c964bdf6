package io.quarterdeck.api.operations;

import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.postgres.PostgresOrderedStore;
import io.quarterdeck.api.store.postgres.StoreProperties;
import java.util.Locale;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/** The ordered store as operators see it. A write lets revisions jump, for after a restore that went unnoticed. */
@Endpoint(id = "store")
final class StoreEndpoint {

    private final OrderedStore store;
    private final StoreWatchCache cache;
    private final StoreProperties properties;

    StoreEndpoint(OrderedStore store, StoreWatchCache cache, StoreProperties properties) {
        this.store = store;
        this.cache = cache;
        this.properties = properties;
    }

    /** @param queued transactions that wait for the next commit */
    record Figures(
            String adapter,
            String epoch,
            long committedRevision,
            long visibleRevision,
            long compactedRevision,
            int queued,
            boolean healthy) {}

    @ReadOperation
    Figures figures() {
        return new Figures(
                properties.adapter().name().toLowerCase(Locale.ROOT),
                store.epoch(),
                store.committedRevision(),
                cache.revision(),
                store.compactedRevision(),
                store instanceof PostgresOrderedStore postgres ? postgres.queued() : 0,
                cache.healthy());
    }

    @WriteOperation
    Figures raiseEpoch() {
        store.raiseEpoch();
        return figures();
    }
}
