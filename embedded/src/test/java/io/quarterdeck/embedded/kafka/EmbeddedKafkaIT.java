package io.quarterdeck.embedded.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.embedded.Ports;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Exit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
    private static final String TOPIC = "changes";

    @TempDir
    Path directory;

    @Test
    void carriesMessagesOfFourMebibytesAndKeepsThemOverARestart() throws Exception {
        try (var kafka = EmbeddedKafka.start(KafkaSettings.in(directory))) {
            createTopic(kafka);
            send(kafka, new byte[(4 << 20) - 1024]);
        }
        try (var kafka = EmbeddedKafka.start(KafkaSettings.in(directory))) {
            assertThat(receive(kafka, 1).getFirst()).hasSize((4 << 20) - 1024);
        }
    }

    @Test
    void refusesAClientWithoutThePassword() {
        try (var kafka = EmbeddedKafka.start(KafkaSettings.in(directory))) {
            Map<String, Object> client = new HashMap<>(kafka.clientProperties());
            client.put(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"quarterdeck\" password=\"wrong\";");
            try (var admin = Admin.create(client)) {
                assertThatThrownBy(() -> admin.listTopics().names().get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(SaslAuthenticationException.class);
            }
        }
    }

    @Test
    void comesBackAfterItAskedToHaltTheJvm() throws Exception {
        try (var kafka = EmbeddedKafka.start(KafkaSettings.in(directory))) {
            createTopic(kafka);
            assertThatThrownBy(() -> Exit.halt(1, "a test")).isInstanceOf(IllegalStateException.class);
            send(kafka, new byte[] {1});
            assertThat(receive(kafka, 1)).containsExactly(new byte[] {1});
        }
    }

    @Test
    void pausesAndResumesOnTheSamePort() throws Exception {
        try (var kafka = EmbeddedKafka.start(KafkaSettings.in(directory))) {
            createTopic(kafka);
            int port = kafka.port();
            kafka.pause();
            try (var _ = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                assertThat(kafka.port()).isEqualTo(port);
            }
            kafka.resume();
            send(kafka, new byte[] {2});
            assertThat(receive(kafka, 1)).containsExactly(new byte[] {2});
            assertThat(kafka.port()).isEqualTo(port);
        }
    }

    @Test
    void movesItsControllerFromAPortThatSomebodyTookMeanwhile() throws Exception {
        int first = Ports.ANY.free();
        int second = otherThan(first);
        int third = otherThan(first, second);
        Ports choice = Ports.besides(IntStream.range(11_000, 17_000)
                .filter(port -> port != second && port != third)
                .boxed()
                .toList());
        try (var kafka =
                EmbeddedKafka.start(KafkaSettings.in(directory).withPort(first).withPorts(choice))) {
            createTopic(kafka);
            int controllers = Ports.isFree(second) ? third : second;
            kafka.pause();
            try (var _ = new ServerSocket(controllers, 1, InetAddress.getLoopbackAddress())) {
                kafka.resume();
                send(kafka, new byte[] {3});
                assertThat(receive(kafka, 1)).containsExactly(new byte[] {3});
            }
        }
    }

    private static int otherThan(Integer... ports) {
        return Ports.besides(List.of(ports)).free();
    }

    @Test
    void aBrokerThatDoesNotStartLeavesNobodyTrying() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() ->
                            EmbeddedKafka.start(KafkaSettings.in(directory).withPort(taken.getLocalPort())))
                    .isInstanceOf(KafkaStartException.class);
        }
        await().atMost(Duration.ofSeconds(90))
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("kafka-supervisor")));
    }

    @Test
    void saysInOneLineThatAFixedPortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() ->
                            EmbeddedKafka.start(KafkaSettings.in(directory).withPort(taken.getLocalPort())))
                    .isInstanceOf(KafkaStartException.class)
                    .hasMessageContaining("Address already in use");
        }
    }

    private static void createTopic(EmbeddedKafka kafka) throws Exception {
        try (var admin = Admin.create(new HashMap<>(kafka.clientProperties()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get(30, TimeUnit.SECONDS);
        }
    }

    private static void send(EmbeddedKafka kafka, byte[] value) throws Exception {
        Map<String, Object> client = new HashMap<>(kafka.clientProperties());
        client.put("max.request.size", 4 << 20);
        try (var producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, value)).get(60, TimeUnit.SECONDS);
        }
    }

    private static List<byte[]> receive(EmbeddedKafka kafka, int count) {
        var partition = new TopicPartition(TOPIC, 0);
        try (var consumer = new KafkaConsumer<>(
                new HashMap<>(kafka.clientProperties()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<byte[]> values = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofSeconds(1)).forEach(message -> values.add(message.value()));
            }
            return values;
        }
    }
}
