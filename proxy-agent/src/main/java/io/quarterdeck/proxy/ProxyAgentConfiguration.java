package io.quarterdeck.proxy;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ClientFactory;
import io.quarterdeck.client.ClientProperties;
import io.quarterdeck.feed.FeedInformers;
import io.quarterdeck.feed.HttpWatchFeed;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.proxy.dns.ServiceDirectory;
import io.quarterdeck.proxy.nftables.NftablesTable;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The proxy as one Spring configuration; its own service and standalone start the same. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ProxyProperties.class, ClientProperties.class})
@Import(ProxyEndpoint.class)
public class ProxyAgentConfiguration {

    @Bean(destroyMethod = "close")
    KubernetesClient proxyClient(ClientProperties properties) {
        return ClientFactory.open(properties, "kube-proxy");
    }

    @Bean
    ApiClient proxyApi(KubernetesClient client) {
        return new ApiClient(client);
    }

    @Bean(destroyMethod = "close")
    Informers proxyInformers(ApiClient api) {
        return new FeedInformers(new HttpWatchFeed(api, RandomGenerator.getDefault()));
    }

    @Bean
    ServiceChanges serviceChanges(Informers informers) {
        return new ServiceChanges(informers);
    }

    @Bean
    ServiceDirectory serviceDirectory(ServiceChanges changes) {
        return new ServiceDirectory() {
            @Override
            public Optional<Service> service(ObjectKey key) {
                return changes.service(key);
            }

            @Override
            public List<Service> services() {
                return changes.services();
            }

            @Override
            public Collection<EndpointSlice> slices(ObjectKey service) {
                return changes.slices(service);
            }
        };
    }

    @Bean
    ProxyLifecycle proxyLifecycle(
            ProxyProperties properties,
            Informers informers,
            ServiceChanges changes,
            ServiceDirectory directory,
            MeterRegistry registry) {
        return new ProxyLifecycle(
                properties, informers, changes, directory, NftablesTable.open(properties.clusterCidrs()), registry);
    }
}
