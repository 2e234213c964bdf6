package io.quarterdeck.feed.kafka;

import io.quarterdeck.client.ApiClient;
import io.quarterdeck.feed.ChangeFeed;
import io.quarterdeck.feed.HttpWatchFeed;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Follows changes through Kafka in a service that is told where Kafka is ({@code spring.kafka.bootstrap-servers}). */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("spring.kafka.bootstrap-servers")
@EnableConfigurationProperties(KafkaProperties.class)
public class KafkaFeedConfiguration {

    @Bean(destroyMethod = "")
    ChangeFeed kafkaFeed(ApiClient api, KafkaProperties kafka, ObjectProvider<KafkaConnectionDetails> connection) {
        return new KafkaFeed(
                        new HttpWatchFeed(api, RandomGenerator.getDefault()),
                        new StreamTail(kafka, connection),
                        api.serialization(),
                        InstantSource.system())
                .start();
    }
}
