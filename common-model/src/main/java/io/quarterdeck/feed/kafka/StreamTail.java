package io.quarterdeck.feed.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.cloud.stream.binder.Binding;
import org.springframework.cloud.stream.binder.ExtendedConsumerProperties;
import org.springframework.cloud.stream.binder.HeaderMode;
import org.springframework.cloud.stream.binder.kafka.KafkaMessageChannelBinder;
import org.springframework.cloud.stream.binder.kafka.properties.KafkaBinderConfigurationProperties;
import org.springframework.cloud.stream.binder.kafka.properties.KafkaConsumerProperties;
import org.springframework.cloud.stream.binder.kafka.properties.KafkaExtendedBindingProperties;
import org.springframework.cloud.stream.binder.kafka.provisioning.KafkaTopicProvisioner;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.channel.DirectChannel;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;

/**
 * The tail by Spring Cloud Stream's Kafka binder: one binding over many topics, partitions assigned by hand, at their
 * end, without a group's bookkeeping. A context of its own keeps the binder's beans apart from the application's.
 */
final class StreamTail implements ChangeTail {

    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(5);

    /** Above the largest object that the API takes. */
    private static final String FETCH_BYTES = Integer.toString(4 << 20);

    private final AnnotationConfigApplicationContext context;
    private final KafkaMessageChannelBinder binder;
    private final Admin admin;
    private @Nullable Binding<MessageChannel> binding;

    /** What Spring Integration needs under a channel. */
    @Configuration(proxyBeanMethods = false)
    @EnableIntegration
    static class Infrastructure {}

    StreamTail(KafkaProperties kafka, ObjectProvider<KafkaConnectionDetails> connection) {
        context = new AnnotationConfigApplicationContext(Infrastructure.class);
        KafkaBinderConfigurationProperties properties = new KafkaBinderConfigurationProperties(kafka, connection);
        properties.setBrokers(kafka.getBootstrapServers().toArray(String[]::new));
        properties.setAutoCreateTopics(false);
        KafkaTopicProvisioner provisioner = new KafkaTopicProvisioner(properties, kafka, List.of());
        try {
            provisioner.afterPropertiesSet();
            binder = new KafkaMessageChannelBinder(properties, provisioner);
            binder.setExtendedBindingProperties(new KafkaExtendedBindingProperties());
            binder.setApplicationContext(context);
            binder.afterPropertiesSet();
        } catch (Exception failure) {
            context.close();
            throw new IllegalStateException("the Kafka binder cannot be made", failure);
        }
        Map<String, Object> client = new HashMap<>(kafka.buildAdminProperties());
        client.put("default.api.timeout.ms", (int) ADMIN_TIMEOUT.toMillis());
        client.put("request.timeout.ms", (int) ADMIN_TIMEOUT.toMillis());
        client.put("reconnect.backoff.max.ms", 5000);
        admin = Admin.create(client);
    }

    @Override
    public Set<String> existing() {
        return answer(() -> admin.listTopics().names().get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Override
    public long end(String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        return answer(() -> admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .offset());
    }

    private interface Question<R> {
        R ask() throws ExecutionException, InterruptedException, TimeoutException;
    }

    private static <R> R answer(Question<R> question) {
        try {
            return question.ask();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Kafka", interrupted);
        } catch (ExecutionException | TimeoutException failure) {
            throw new IllegalStateException("Kafka does not answer", failure);
        }
    }

    @Override
    public synchronized void open(Collection<String> topics, Receiver receiver) {
        pause();
        KafkaConsumerProperties consumer = new KafkaConsumerProperties();
        consumer.setAutoRebalanceEnabled(false);
        consumer.setResetOffsets(true);
        consumer.setStartOffset(KafkaConsumerProperties.StartOffset.latest);
        // Nothing is ever acknowledged: where to read from is decided anew each time.
        consumer.setAckMode(AckMode.MANUAL);
        consumer.setConfiguration(Map.of(
                "key.deserializer", ByteArrayDeserializer.class.getName(),
                "value.deserializer", ByteArrayDeserializer.class.getName(),
                "isolation.level", "read_committed",
                "enable.auto.commit", "false",
                "allow.auto.create.topics", "false",
                "max.partition.fetch.bytes", FETCH_BYTES,
                "reconnect.backoff.max.ms", "5000"));
        ExtendedConsumerProperties<KafkaConsumerProperties> properties = new ExtendedConsumerProperties<>(consumer);
        properties.setMultiplex(true);
        // Alone: every partition is ours. Unset, the binder finds none.
        properties.setInstanceCount(1);
        properties.setInstanceIndex(0);
        properties.setMaxAttempts(1);
        properties.setHeaderMode(HeaderMode.none);
        properties.setUseNativeDecoding(true);
        properties.populateBindingName("changes");
        DirectChannel channel = new DirectChannel();
        channel.setBeanName("changes");
        channel.setBeanFactory(context.getBeanFactory());
        channel.afterPropertiesSet();
        channel.subscribe(message -> receiver.received(received(message)));
        binding =
                binder.bindConsumer(String.join(",", topics), "quarterdeck-" + UUID.randomUUID(), channel, properties);
    }

    private static Received received(Message<?> message) {
        Object topic = message.getHeaders().get(KafkaHeaders.RECEIVED_TOPIC);
        Object offset = message.getHeaders().get(KafkaHeaders.OFFSET);
        Object at = message.getHeaders().get(KafkaHeaders.RECEIVED_TIMESTAMP);
        return new Received(
                String.valueOf(topic),
                offset instanceof Long number ? number : -1,
                at instanceof Long millis ? Instant.ofEpochMilli(millis) : Instant.EPOCH,
                message.getPayload() instanceof byte[] bytes ? bytes : null);
    }

    @Override
    public synchronized void pause() {
        Binding<MessageChannel> open = binding;
        binding = null;
        if (open != null) {
            open.unbind();
        }
    }

    @Override
    public void close() {
        pause();
        admin.close(Duration.ofSeconds(1));
        context.close();
    }
}
