package io.quarterdeck.api.publish;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The relay of changes to Kafka. The broker itself is named by {@code spring.kafka.*}.
 *
 * @param enabled whether changes are published at all; without it informers use HTTP watch
 * @param transactionalId names the one relay of a cluster to the broker, which fences a predecessor by it
 * @param replicationFactor of the topics that the relay makes; 3 on a real Kafka cluster
 * @param retention how long a topic keeps superseded changes
 * @param progressInterval how often progress is recorded, also when nothing changes
 * @param batch how many changes one Kafka transaction takes at most
 * @param retryPause how long the relay waits after a failure before it starts anew
 * @param keysOnly resources (as {@code resource.group}) whose objects never reach Kafka: their topics carry keys and
 *     revisions only. What is encrypted at rest belongs here
 */
@ConfigurationProperties("quarterdeck.publisher")
public record PublisherProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("quarterdeck-publisher") String transactionalId,
        @DefaultValue("1") short replicationFactor,
        @DefaultValue("24h") Duration retention,
        @DefaultValue("1s") Duration progressInterval,
        @DefaultValue("500") int batch,
        @DefaultValue("1s") Duration retryPause,
        @DefaultValue List<String> keysOnly) {}
