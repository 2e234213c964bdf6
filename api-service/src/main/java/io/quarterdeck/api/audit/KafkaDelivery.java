package io.quarterdeck.api.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** One record an event in a topic of its own. A batch counts as delivered when the brokers have all of it. */
final class KafkaDelivery implements Delivery {

    private static final int BLOCK_MILLIS = 5_000;
    private static final int DELIVERY_MILLIS = 15_000;
    private static final int LARGEST_RECORD = 8 << 20;

    private final Map<String, Object> connection;
    private final String topic;
    private @Nullable Producer<byte[], byte[]> producer;

    /** @param connection bootstrap servers, protocol, credentials and trust, under Kafka's own names */
    KafkaDelivery(Map<String, Object> connection, String topic) {
        this.connection = Map.copyOf(connection);
        this.topic = topic;
    }

    @Override
    public void deliver(List<byte[]> events) throws Exception {
        List<Future<?>> sent = new ArrayList<>(events.size());
        for (byte[] event : events) {
            sent.add(producer().send(new ProducerRecord<>(topic, event)));
        }
        for (Future<?> each : sent) {
            each.get();
        }
    }

    private Producer<byte[], byte[]> producer() {
        if (producer == null) {
            Map<String, Object> config = new HashMap<>(connection);
            config.put(ProducerConfig.ACKS_CONFIG, "all");
            config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
            config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_RECORD);
            config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS);
            config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, BLOCK_MILLIS);
            config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MILLIS);
            producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        }
        return producer;
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(2));
        }
    }
}
