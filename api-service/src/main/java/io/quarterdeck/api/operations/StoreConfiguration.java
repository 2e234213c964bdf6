package io.quarterdeck.api.operations;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.cache.CacheLimits;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.operations.history.HistoryConfiguration;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.registry.StreamingHeaderReader;
import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.memory.MemoryOrderedStore;
import io.quarterdeck.api.store.postgres.ConnectionSource;
import io.quarterdeck.api.store.postgres.PostgresOrderedStore;
import io.quarterdeck.api.store.postgres.StoreProperties;
import java.time.InstantSource;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Opens the ordered store on the migrated database and the watch cache over it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StoreProperties.class)
@Import(HistoryConfiguration.class)
public class StoreConfiguration {

    private static final long HEAP_SHARE_OF_RINGS = 8;

    @Bean
    HeaderReader headerReader(ResourceCatalog catalog) {
        return new StreamingHeaderReader(storage -> catalog.stored(storage)
                .map(definition -> definition.strategy().selectableFields())
                .orElse(List.of()));
    }

    @Bean
    @DependsOnDatabaseInitialization
    OrderedStore orderedStore(
            StoreProperties properties,
            ObjectProvider<DataSource> pool,
            ObjectProvider<JdbcConnectionDetails> database,
            HeaderReader headers,
            BodySeal seal,
            MeterRegistry meters) {
        return switch (properties.adapter()) {
            case MEMORY -> new MemoryOrderedStore(InstantSource.system());
            case POSTGRES ->
                new PostgresOrderedStore(
                        pool.getObject(),
                        connections(database.getObject(), "quarterdeck-store"),
                        headers,
                        seal,
                        properties,
                        meters);
        };
    }

    /** Connections outside of the pool, to the same database. */
    static ConnectionSource connections(JdbcConnectionDetails database, String applicationName) {
        String username = database.getUsername();
        String password = database.getPassword();
        return ConnectionSource.of(
                database.getJdbcUrl(),
                username == null ? "" : username,
                password == null ? "" : password,
                applicationName);
    }

    @Bean(initMethod = "start")
    StoreWatchCache watchCache(OrderedStore store, StoreProperties properties) {
        long ringBytes = properties.ringBytes().toBytes();
        return new StoreWatchCache(
                store,
                new CacheLimits(
                        ringBytes > 0 ? ringBytes : Runtime.getRuntime().maxMemory() / HEAP_SHARE_OF_RINGS,
                        properties.recalledChanges(),
                        properties.freshnessWait()));
    }

    @Bean
    CacheMetrics cacheMetrics(StoreWatchCache cache) {
        return new CacheMetrics(cache);
    }

    @Bean
    StoreEndpoint storeEndpoint(OrderedStore store, StoreWatchCache cache, StoreProperties properties) {
        return new StoreEndpoint(store, cache, properties);
    }

    @Bean
    WatchesEndpoint watchesEndpoint(StoreWatchCache cache) {
        return new WatchesEndpoint(cache);
    }
}
