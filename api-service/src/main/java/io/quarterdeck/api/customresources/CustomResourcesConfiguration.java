package io.quarterdeck.api.customresources;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.callout.WebhookClient;
import io.quarterdeck.api.discovery.HealthCheck;
import io.quarterdeck.api.discovery.openapi.LiveDocuments;
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
            WritePath writes,
            WebhookClient webhooks,
            MeterRegistry meters,
            LiveDocuments documents) {
        ConversionMetrics metrics = new ConversionMetrics(meters);
        Serving serving = new Serving(
                catalog,
                codec,
                schemas,
                store,
                objects,
                headers,
                definition ->
                        definition.conversion().path("strategy").asString("").equals("Webhook")
                                ? new WebhookConversion(webhooks, metrics, definition.name(), definition.conversion())
                                : Conversion.NONE,
                CustomResourceStrategy.ObjectRules::of,
                storage -> cache.reindex(storage, entry -> withHeader(entry, headers)),
                definitions -> documents.describe(definitions.stream()
                        .flatMap(definition -> definition.described().stream())
                        .toList()));
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
