package io.quarterdeck.api;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.quarterdeck.api.admission.AdmissionChain;
import io.quarterdeck.api.authn.OpenIdDocuments;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.discovery.DiscoveryHandler;
import io.quarterdeck.api.discovery.ExtraGroups;
import io.quarterdeck.api.discovery.HealthCheck;
import io.quarterdeck.api.discovery.HealthHandler;
import io.quarterdeck.api.discovery.MetricsHandler;
import io.quarterdeck.api.discovery.OpenApiHandler;
import io.quarterdeck.api.discovery.RootHandler;
import io.quarterdeck.api.discovery.SwaggerUi;
import io.quarterdeck.api.discovery.TokenDocumentsHandler;
import io.quarterdeck.api.discovery.VersionHandler;
import io.quarterdeck.api.discovery.openapi.LiveDocuments;
import io.quarterdeck.api.discovery.openapi.OpenApiDocuments;
import io.quarterdeck.api.http.PathHandler;
import io.quarterdeck.api.http.Stopping;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.registry.BuiltInResources;
import io.quarterdeck.api.registry.Catalog;
import io.quarterdeck.api.registry.Evictions;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.ResourceStrategy;
import io.quarterdeck.api.registry.RuntimeConfig;
import io.quarterdeck.api.registry.Scales;
import io.quarterdeck.api.registry.VersionConverter;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.OrderedStore;
import java.security.SecureRandom;
import java.util.List;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** Wires catalogue, write path, discovery and health. The parts' own configurations lie beside them. */
@Configuration(proxyBeanMethods = false)
class ApiServiceConfiguration {

    private static final String KUBERNETES_VERSION = "1.36.2";

    @Bean
    LiveCatalog catalog(List<ResourceStrategy> strategies, ApiServiceProperties properties) {
        return new LiveCatalog(new Catalog(
                BuiltInResources.read(strategies, new RuntimeConfig(properties.runtimeConfig())),
                BuiltInResources.GROUP_ORDER));
    }

    /** What names and addresses are drawn with: nobody may guess the next one. */
    @Bean
    RandomGenerator random() {
        return new SecureRandom();
    }

    @Bean
    WritePath writePath(
            LiveCatalog catalog,
            ObjectCodec codec,
            FieldOwnership ownership,
            AdmissionChain admission,
            OrderedStore store,
            WatchCache cache,
            HeaderReader headers,
            List<VersionConverter> converters,
            RandomGenerator random) {
        catalog.all().forEach(resource -> store.register(resource.storage()));
        return new WritePath(
                catalog, codec, ownership, admission, store, cache, headers, converters, new SecureRandom());
    }

    @Bean
    Scales scales(WritePath writes, AdmissionChain admission, FieldOwnership ownership) {
        return new Scales(writes, admission, ownership);
    }

    @Bean
    Evictions evictions(LiveCatalog catalog, WatchCache cache, ObjectCodec codec, WritePath writes) {
        return new Evictions(catalog, cache, codec, writes);
    }

    @Bean
    DiscoveryHandler discovery(
            LiveCatalog catalog, ObjectCodec codec, ApiServiceProperties properties, ExtraGroups extra) {
        return new DiscoveryHandler(catalog, codec, properties.advertisedAddress(), extra);
    }

    @Bean
    VersionHandler version() {
        return new VersionHandler(KUBERNETES_VERSION, VersionHandler.Build.read());
    }

    @Bean
    LiveDocuments openApiDocuments(LiveCatalog catalog) {
        return new LiveDocuments(new OpenApiDocuments(
                groupVersion -> {
                    int slash = groupVersion.indexOf('/');
                    return catalog.versions(slash < 0 ? "" : groupVersion.substring(0, slash))
                            .contains(groupVersion.substring(slash + 1));
                },
                KUBERNETES_VERSION.substring(0, KUBERNETES_VERSION.lastIndexOf('.'))));
    }

    @Bean
    OpenApiHandler openApi(LiveDocuments documents, ExtraGroups extra) {
        return new OpenApiHandler(documents::current, extra);
    }

    @Bean
    SwaggerUi swaggerUi() {
        return new SwaggerUi();
    }

    @Bean
    HealthHandler health(List<HealthCheck> checks) {
        return new HealthHandler(checks);
    }

    @Bean
    HealthCheck storeHealth(OrderedStore store) {
        // Upstream's name for the check of what keeps the objects.
        return HealthCheck.of("etcd", true, () -> store.committedRevision() >= 0);
    }

    @Bean
    HealthCheck cacheHealth(StoreWatchCache cache) {
        return HealthCheck.of("informer-sync", false, cache::healthy);
    }

    @Bean
    HealthCheck shutdownHealth(Stopping stopping) {
        return HealthCheck.of("shutdown", false, () -> !stopping.begun());
    }

    @Bean
    MetricsHandler metrics(PrometheusMeterRegistry registry) {
        return new MetricsHandler(registry);
    }

    @Bean
    TokenDocumentsHandler tokenDocuments(OpenIdDocuments documents) {
        return new TokenDocumentsHandler(documents);
    }

    @Bean
    RootHandler root(LiveCatalog catalog, HealthHandler health, ObjectProvider<PathHandler> handlers) {
        return new RootHandler(catalog, health, () -> handlers.stream().toList());
    }

    /** The API's own port never gets here; the management port serves its exposed endpoints, and nothing that writes. */
    @Bean
    SecurityFilterChain managementSecurity(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(requests -> requests.requestMatchers("/actuator/**", "/actuator")
                        .permitAll()
                        .anyRequest()
                        .denyAll())
                .csrf(csrf -> csrf.disable())
                .build();
    }

    /** Keeps the container from inventing a user with a password. */
    @Bean
    AuthenticationManager nobody() {
        return authentication -> {
            throw new BadCredentialsException("no logins here");
        };
    }
}
