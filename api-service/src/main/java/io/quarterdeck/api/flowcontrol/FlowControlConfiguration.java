package io.quarterdeck.api.flowcontrol;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.ApiServiceProperties;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.registry.LiveCatalog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Flow control over as many seats as the server works on requests at once. */
@Configuration(proxyBeanMethods = false)
class FlowControlConfiguration {

    @Bean
    FlowControl flowControl(
            WatchCache cache, LiveCatalog catalog, ApiServiceProperties properties, MeterRegistry meters) {
        return new FlowControl(
                cache,
                request -> catalog.find(request.group(), request.version(), request.resource())
                        .map(resource -> cache.count(resource.storage()))
                        .orElse(-1L),
                properties.requestsInFlight(Runtime.getRuntime().availableProcessors()),
                meters);
    }

    @Bean
    FlowControlDumps flowControlDumps(FlowControl control) {
        return new FlowControlDumps(control);
    }
}
