package io.quarterdeck.api.customresources;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.discovery.HealthCheck;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.schema.LiveSchemas;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.OrderedStore;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the serving of custom resources. */
@Configuration(proxyBeanMethods = false)
class CustomResourcesConfiguration {

    @Bean
    CustomResources customResources(
            LiveCatalog catalog,
            CustomResourceCodec codec,
            LiveSchemas schemas,
            OrderedStore store,
            StoreWatchCache cache,
            CachedObjects objects,
            HeaderReader headers,
            WritePath writes) {
        Serving serving = new Serving(
                catalog,
                codec,
                schemas,
                store,
                objects,
                definition -> Conversion.NONE,
                CustomResourceStrategy.ObjectRules::of,
                storage -> cache.reindex(storage, entry -> withHeader(entry, headers)),
                definitions -> {});
        InstantSource clock = InstantSource.system();
        return new CustomResources(cache, codec, catalog, writes, serving, new Cleanup(cache, writes, clock), clock);
    }

    private static Entry withHeader(Entry entry, HeaderReader headers) {
        return new Entry(
                entry.key(),
                entry.revision(),
                entry.createdRevision(),
                entry.storedVersion(),
                entry.body(),
                headers.read(entry.key().storage(), entry.body()));
    }

    @Bean
    HealthCheck customResourcesHealth(CustomResources resources) {
        return HealthCheck.of("poststarthook/crd-informer-synced", false, resources::loaded);
    }
}
