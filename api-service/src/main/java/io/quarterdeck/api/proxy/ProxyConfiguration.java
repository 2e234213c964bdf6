package io.quarterdeck.api.proxy;

import io.quarterdeck.api.ApiServiceProperties;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.http.SubresourceHandler;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.model.GroupResource;
import java.nio.file.Path;
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
