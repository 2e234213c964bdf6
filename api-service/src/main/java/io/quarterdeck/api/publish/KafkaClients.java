package io.quarterdeck.api.publish;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Producer, consumer and topics as the relay needs them, on the connection that the service is configured with. */
public final class KafkaClients {

    /** Above the largest legal object, for records, batches, requests and fetches alike. */
    private static final int LARGEST_RECORD = 4 << 20;

    private static final int SEGMENTS = 12;

    private static final int BLOCK_MILLIS = 10_000;
    private static final int DELIVERY_MILLIS = 20_000;
    private static final int TRANSACTION_MILLIS = 60_000;

    private final Map<String, Object> connection;
    private final PublisherProperties properties;

    /** @param connection bootstrap servers, protocol, credentials and trust, under Kafka's own names */
    public KafkaClients(Map<String, Object> connection, PublisherProperties properties) {
        this.connection = Map.copyOf(connection);
        this.properties = properties;
    }

    Producer<byte[], byte[]> producer() {
        Map<String, Object> config = new HashMap<>(connection);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, properties.transactionalId());
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_RECORD);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MILLIS);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, BLOCK_MILLIS);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MILLIS);
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Reads what was committed, without a group. */
    Consumer<byte[], byte[]> consumer() {
        Map<String, Object> config = new HashMap<>(connection);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, LARGEST_RECORD);
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, BLOCK_MILLIS);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * Deletes topics that hold bodies from before their kind was encrypted, for what is in them may be read from the
     * broker's disk.
     */
    void dropTopicsWithBodies(Collection<String> keysOnly) {
        List<String> clear = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = consumer();
                Admin admin = Admin.create(connection)) {
            Set<String> existing = admin.listTopics().names().get(BLOCK_MILLIS, TimeUnit.MILLISECONDS);
            for (String topic : keysOnly) {
                if (existing.contains(topic) && holdsBodies(consumer, new TopicPartition(topic, 0))) {
                    clear.add(topic);
                }
            }
            if (!clear.isEmpty()) {
                admin.deleteTopics(clear).all().get(BLOCK_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("topics of encrypted kinds cannot be looked at", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted");
        }
    }

    private static boolean holdsBodies(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                if (record.value() != null
                        && new String(record.value(), StandardCharsets.UTF_8).contains("\"object\"")) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Makes the topics that do not exist, with one partition each. */
    void createTopics(Collection<String> names, String cleanupPolicy) {
        List<NewTopic> topics = names.stream()
                .map(name -> new NewTopic(name, 1, properties.replicationFactor())
                        .configs(Map.of(
                                TopicConfig.CLEANUP_POLICY_CONFIG,
                                cleanupPolicy,
                                TopicConfig.RETENTION_MS_CONFIG,
                                Long.toString(properties.retention().toMillis()),
                                // Only whole segments are dropped or compacted: they must not outlive the retention.
                                TopicConfig.SEGMENT_MS_CONFIG,
                                Long.toString(
                                        Math.max(60_000, properties.retention().toMillis() / SEGMENTS)),
                                // A reset has no value, and must outlive whatever it declares void.
                                TopicConfig.DELETE_RETENTION_MS_CONFIG,
                                Long.toString(2 * properties.retention().toMillis()),
                                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                Integer.toString(LARGEST_RECORD))))
                .toList();
        try (Admin admin = Admin.create(connection)) {
            for (var created : admin.createTopics(topics).values().values()) {
                try {
                    created.get(BLOCK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw new KafkaException("a topic cannot be made", e.getCause());
                    }
                }
            }
        } catch (TimeoutException e) {
            throw new KafkaException("no topic was made in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted");
        }
    }
}
