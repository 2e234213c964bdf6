package io.quarterdeck.api.operations;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.publish.ChangePublisher;
import io.quarterdeck.api.publish.DatabaseRelayLock;
import io.quarterdeck.api.publish.KafkaClients;
import io.quarterdeck.api.publish.PublisherProperties;
import io.quarterdeck.api.publish.RelayLock;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.postgres.StoreProperties;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Publishes changes to Kafka where a broker is named ({@code spring.kafka.bootstrap-servers}), unless
 * {@code quarterdeck.publisher.enabled} is false.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(name = "quarterdeck.publisher.enabled", matchIfMissing = true)
@ConditionalOnProperty("spring.kafka.bootstrap-servers")
@EnableConfigurationProperties({PublisherProperties.class, KafkaProperties.class})
public class PublisherConfiguration {

    @Bean(initMethod = "start")
    ChangePublisher changePublisher(
            OrderedStore store,
            BodySeal seal,
            StoreProperties storeProperties,
            ObjectProvider<JdbcConnectionDetails> database,
            KafkaProperties kafka,
            ResourceCatalog catalog,
            PublisherProperties properties,
            MeterRegistry meters) {
        RelayLock lock = switch (storeProperties.adapter()) {
            case MEMORY -> RelayLock.alone();
            case POSTGRES ->
                new DatabaseRelayLock(
                        StoreConfiguration.connections(database.getObject(), "quarterdeck-publisher")::open);
        };
        return new ChangePublisher(
                store,
                lock,
                new KafkaClients(connection(kafka), properties),
                storage -> catalog.stored(storage).map(ResourceDefinition::gvk),
                () -> catalog.all().stream().map(ResourceDefinition::storage).collect(Collectors.toSet()),
                seal::hides,
                properties,
                meters);
    }

    private static Map<String, Object> connection(KafkaProperties kafka) {
        Map<String, Object> connection = new HashMap<>(kafka.buildAdminProperties());
        connection.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.getBootstrapServers());
        return connection;
    }

    @Bean
    PublisherEndpoint publisherEndpoint(ChangePublisher publisher) {
        return new PublisherEndpoint(publisher);
    }
}
