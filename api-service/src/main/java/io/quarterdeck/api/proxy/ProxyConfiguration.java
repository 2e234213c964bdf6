package io.quarterdeck.api.proxy;

import io.quarterdeck.api.ApiServiceProperties;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.http.SubresourceHandler;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.model.GroupResource;
import java.nio.file.Path;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The subresources that lead elsewhere. */
@Configuration(proxyBeanMethods = false)
class ProxyConfiguration {

    @Bean
    Nodes proxiedNodes(LiveCatalog catalog, WatchCache cache, ObjectCodec codec) {
        return new Nodes(catalog, cache, codec);
    }

    @Bean
    PassThrough passThrough(ApiServiceProperties properties) {
        Path pki = properties.pkiDirectory();
        return new PassThrough(
                new KubeletTrust(
                        pki.resolve("ca.crt"),
                        pki.resolve("apiserver-kubelet-client.crt"),
                        pki.resolve("apiserver-kubelet-client.key")),
                properties.kubeletTimeout());
    }

    @Bean
    AggregatedApis aggregatedApis(WatchCache cache) {
        return new AggregatedApis(cache);
    }

    @Bean
    AggregatedServers aggregatedServers(CachedObjects objects, ApiServiceProperties properties) {
        Path pki = properties.pkiDirectory();
        return new AggregatedServers(
                objects, pki.resolve("front-proxy-client.crt"), pki.resolve("front-proxy-client.key"));
    }

    @Bean
    AggregatedDiscovery aggregatedDiscovery(AggregatedApis apis) {
        return new AggregatedDiscovery(apis);
    }

    @Bean
    AggregatedRequests aggregatedRequests(AggregatedApis apis, AggregatedServers servers, PassThrough passThrough) {
        return new AggregatedRequests(apis, servers, passThrough);
    }

    @Bean(initMethod = "start")
    Availability availability(
            AggregatedApis apis,
            AggregatedServers servers,
            AggregatedDiscovery discovery,
            PassThrough passThrough,
            LiveCatalog catalog,
            WritePath writes) {
        return new Availability(apis, servers, discovery, passThrough, catalog, writes, InstantSource.system());
    }

    @Bean
    SubresourceHandler podLogs(Nodes nodes, PassThrough passThrough) {
        return new PodConnections("log", nodes, passThrough);
    }

    @Bean
    SubresourceHandler podExec(Nodes nodes, PassThrough passThrough) {
        return new PodConnections("exec", nodes, passThrough);
    }

    @Bean
    SubresourceHandler podAttach(Nodes nodes, PassThrough passThrough) {
        return new PodConnections("attach", nodes, passThrough);
    }

    @Bean
    SubresourceHandler podPortForward(Nodes nodes, PassThrough passThrough) {
        return new PodConnections("portforward", nodes, passThrough);
    }

    @Bean
    SubresourceHandler nodeProxy(Nodes nodes, PassThrough passThrough) {
        return new ProxySubresource(new GroupResource("", "nodes"), nodes, passThrough);
    }

    @Bean
    SubresourceHandler podProxy(Nodes nodes, PassThrough passThrough) {
        return new ProxySubresource(new GroupResource("", "pods"), nodes, passThrough);
    }

    @Bean
    SubresourceHandler serviceProxy(Nodes nodes, PassThrough passThrough) {
        return new ProxySubresource(new GroupResource("", "services"), nodes, passThrough);
    }
}
