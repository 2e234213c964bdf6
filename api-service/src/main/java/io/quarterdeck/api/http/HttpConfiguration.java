package io.quarterdeck.api.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.ApiServiceProperties;
import io.quarterdeck.api.admission.AdmissionChain;
import io.quarterdeck.api.audit.AccessLog;
import io.quarterdeck.api.audit.AuditTrail;
import io.quarterdeck.api.authn.Authenticators;
import io.quarterdeck.api.authz.AuthorizerChain;
import io.quarterdeck.api.authz.Impersonation;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.flowcontrol.FlowControl;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.patch.Patcher;
import io.quarterdeck.api.registry.ComputedResource;
import io.quarterdeck.api.registry.Evictions;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.Scales;
import io.quarterdeck.api.registry.VersionConverter;
import io.quarterdeck.api.registry.VirtualResource;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.schema.ObjectCodec;
import java.time.InstantSource;
import java.util.List;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the door together and hangs it into the container. */
@Configuration(proxyBeanMethods = false)
class HttpConfiguration {

    private static final int HEAP_SHARE_OF_BODIES = 8;

    @Bean
    Forms forms(
            LiveCatalog catalog,
            ObjectCodec codec,
            List<VersionConverter> converters,
            ApiServiceProperties properties) {
        return new Forms(
                catalog,
                codec,
                converters,
                properties.protobufBytes(Runtime.getRuntime().maxMemory()));
    }

    @Bean
    Answers answers(Forms forms) {
        return new Answers(forms);
    }

    @Bean
    Stopping stopping() {
        return new Stopping();
    }

    @Bean
    RequestMetrics requestMetrics(MeterRegistry registry, LiveCatalog catalog) {
        return new RequestMetrics(
                registry,
                path -> catalog.find(path.group(), path.version(), path.resource())
                        .filter(resource -> path.subresource().isEmpty()
                                || resource.subresource(path.subresource()).isPresent())
                        .isPresent());
    }

    @Bean
    ApiValve apiValve(
            LiveCatalog catalog,
            WatchCache cache,
            ObjectCodec codec,
            Patcher patcher,
            FieldOwnership ownership,
            WritePath writes,
            Scales scales,
            Evictions evictions,
            Answers answers,
            AdmissionChain admission,
            List<VirtualResource> virtual,
            List<ComputedResource> computed,
            List<SubresourceHandler> connections,
            List<PathHandler> paths,
            Delegation delegation,
            FlowControl flowControl,
            Authenticators authenticators,
            Impersonation impersonation,
            AuthorizerChain authorizers,
            RequestMetrics metrics,
            AccessLog accessLog,
            AuditTrail trail,
            Stopping stopping,
            ApiServiceProperties properties) {
        Bodies bodies = new Bodies(codec);
        ResourceHandler resources = new ResourceHandler(
                catalog,
                new Reads(cache, answers, stopping::begun, computed),
                bodies,
                new Patches(bodies, patcher, ownership, writes),
                writes,
                new Collections(cache, bodies, writes, answers),
                scales,
                evictions,
                answers,
                admission,
                ownership,
                virtual,
                connections);
        return new ApiValve(
                authenticators,
                impersonation,
                authorizers,
                resources,
                delegation,
                paths,
                answers,
                flowControl,
                metrics,
                accessLog,
                trail,
                InstantSource.system(),
                new BodyBudget(
                        (int) properties.maxRequestBody().toBytes(),
                        Runtime.getRuntime().maxMemory() / HEAP_SHARE_OF_BODIES));
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> apiDoor(ApiValve valve, ApiServiceProperties properties) {
        return factory -> {
            factory.addEngineValves(valve);
            factory.addConnectorCustomizers(new ApiConnector(properties.certificateFile(), properties.keyFile()));
        };
    }
}
