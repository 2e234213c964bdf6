package io.quarterdeck.api.publish;

import static io.quarterdeck.api.store.Samples.MAPS;
import static io.quarterdeck.api.store.Samples.PODS;
import static io.quarterdeck.api.store.Samples.key;
import static io.quarterdeck.api.store.Samples.pod;
import static io.quarterdeck.api.store.Samples.put;
import static io.quarterdeck.api.store.Samples.remove;
import static io.quarterdeck.api.store.Samples.tx;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.memory.MemoryOrderedStore;
import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import io.quarterdeck.feed.ChangeTopics;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ChangePublisherIT {

    private static final GroupResource PRIVATE = new GroupResource("", "secrets");
    private static final GroupResource HIDDEN = new GroupResource("quarterdeck.io", "nodeports");
    private static final Map<GroupResource, GroupVersionKind> KINDS = Map.of(
            PODS,
            new GroupVersionKind("", "v1", "Pod"),
            MAPS,
            new GroupVersionKind("", "v1", "ConfigMap"),
            PRIVATE,
            new GroupVersionKind("", "v1", "Secret"));

    @TempDir
    static Path directory;

    private static EmbeddedKafka kafka;
    private static int tests;

    private final MemoryOrderedStore store = new MemoryOrderedStore(InstantSource.system());
    private final String id = "publisher-" + tests++;
    private ChangePublisher publisher;
    private long offset;

    @BeforeAll
    static void startKafka() {
        kafka = EmbeddedKafka.start(KafkaSettings.in(directory));
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    private PublisherProperties properties() {
        return new Binder(new MapConfigurationPropertySource(Map.of(
                        "quarterdeck.publisher.transactional-id", id,
                        "quarterdeck.publisher.progress-interval", "100ms",
                        "quarterdeck.publisher.retry-pause", "100ms",
                        "quarterdeck.publisher.keys-only", "secrets")))
                .bindOrCreate("quarterdeck.publisher", PublisherProperties.class);
    }

    private KafkaClients clients() {
        return new KafkaClients(new HashMap<>(kafka.clientProperties()), properties());
    }

    private void start() {
        publisher = new ChangePublisher(
                store,
                RelayLock.alone(),
                clients(),
                storage -> Optional.ofNullable(KINDS.get(storage)),
                KINDS::keySet,
                storage -> false,
                properties(),
                new SimpleMeterRegistry());
        publisher.start();
    }

    @AfterEach
    void stop() throws Exception {
        publisher.close();
    }

    private Entry write(Operation operation) {
        return store.commit(tx(operation)).join().getFirst();
    }

    private void awaitPublished(long revision) {
        await().atMost(Duration.ofSeconds(90)).until(() -> publisher.figures().revision() >= revision);
    }

    /** What a topic got since its end was last marked. */
    private List<ConsumerRecord<byte[], byte[]>> records(String topic, long from) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = clients().consumer()) {
            consumer.assign(List.of(partition));
            long end = end(topic);
            consumer.seek(partition, from);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    private long end(GroupResource resource) {
        return end(ChangeTopics.of(resource));
    }

    /** Of all that was written: a commit is known to the producer a moment before readers of committed records see it. */
    private long end(String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                new HashMap<>(kafka.clientProperties()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void aChangeIsItsWatchFrameWithHeaders() {
        start();
        awaitPublished(0);
        await().until(() -> publisher.figures().state() == ChangePublisher.State.PUBLISHING);
        offset = end(PODS);
        long mapsOffset = end(MAPS);
        long secretsOffset = end(PRIVATE);
        Entry created = write(put(pod("ns", "a"), 0, "x"));
        write(put(key(HIDDEN, "", "30080"), 0, "x"));
        write(put(key(MAPS, "ns", "m"), 0, "x"));
        write(put(key(PRIVATE, "ns", "s"), 0, "hidden"));
        Entry last = write(remove(pod("ns", "a"), created.revision()));
        awaitPublished(last.revision());

        List<ConsumerRecord<byte[], byte[]>> pods = records(ChangeTopics.of(PODS), offset);
        assertThat(pods).hasSize(3);
        assertThat(text(pods.get(0).key())).isEqualTo("ns/a");
        assertThat(text(pods.get(0).value()))
                .isEqualTo("{\"type\":\"ADDED\",\"object\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
                        + text(created.body()) + "}");
        assertThat(header(pods.get(0), ChangeTopics.HEADER_REVISION)).isEqualTo("1");
        assertThat(header(pods.get(0), ChangeTopics.HEADER_ACTOR)).isEqualTo("tester");
        assertThat(header(pods.get(1), ChangeTopics.HEADER_TYPE)).isEqualTo("DELETED");
        assertThat(header(pods.get(1), ChangeTopics.HEADER_PREVIOUS_REVISION)).isEqualTo("1");
        assertThat(pods.get(2).value()).isNull();
        assertThat(records(ChangeTopics.of(MAPS), mapsOffset)).hasSize(1);
        assertThat(records(ChangeTopics.of(PRIVATE), secretsOffset))
                .singleElement()
                .satisfies(record -> assertThat(text(record.value())).isEqualTo("{\"type\":\"ADDED\"}"));
    }

    @Test
    void aSuccessorGoesOnBehindTheCursor() throws Exception {
        start();
        write(put(pod("ns", "a"), 0, "x"));
        awaitPublished(1);
        publisher.close();
        offset = end(PODS);
        write(put(pod("ns", "a"), 1, "y"));
        start();
        awaitPublished(2);

        assertThat(records(ChangeTopics.of(PODS), offset))
                .extracting(record -> header(record, ChangeTopics.HEADER_REVISION))
                .containsExactly("2");
    }

    @Test
    void aDeadKafkaIsMadeUpFor() {
        start();
        write(put(pod("ns", "p0"), 0, "x"));
        awaitPublished(1);
        offset = end(PODS);
        kafka.pause();
        for (int i = 1; i <= 50; i++) {
            write(put(pod("ns", "p" + i), 0, "x"));
        }
        assertThat(store.committedRevision()).isEqualTo(51);
        kafka.resume();
        awaitPublished(51);

        assertThat(records(ChangeTopics.of(PODS), offset))
                .extracting(record -> header(record, ChangeTopics.HEADER_REVISION))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(2, 51).mapToObj(Integer::toString).toList());
    }

    @Test
    void whatTheLogForgotIsResetWithASnapshot() throws Exception {
        start();
        write(put(pod("ns", "a"), 0, "x"));
        awaitPublished(1);
        publisher.close();
        write(remove(pod("ns", "a"), 1));
        write(put(pod("ns", "b"), 0, "x"));
        write(put(pod("ns", "c"), 0, "x"));
        store.compact(3);
        offset = end(PODS);
        long progress = end(ChangeTopics.PROGRESS);
        start();
        awaitPublished(4);

        assertThat(records(ChangeTopics.of(PODS), offset))
                .extracting(record -> text(record.key()))
                .as("the reset, then what exists")
                .containsExactly("", "ns/b", "ns/c");
        assertThat(records(ChangeTopics.PROGRESS, progress).getFirst().value())
                .satisfies(value ->
                        assertThat(ChangeTopics.Progress.read(value).reset()).isTrue());
    }

    @Test
    void progressIsToldAlsoWhenNothingChanges() {
        start();
        await().until(() -> publisher.figures().state() == ChangePublisher.State.PUBLISHING);
        long progress = end(ChangeTopics.PROGRESS);
        await().atMost(Duration.ofSeconds(90)).until(() -> end(ChangeTopics.PROGRESS) > progress + 2);

        assertThat(records(ChangeTopics.PROGRESS, progress))
                .extracting(record -> ChangeTopics.Progress.read(record.value()).reset())
                .containsOnly(false);
        assertThat(Set.of(ChangePublisher.State.PUBLISHING))
                .contains(publisher.figures().state());
    }

    /** The example of docs/change-topics.md. */
    @Test
    void aConsumerOfAFewLinesKnowsWhatExists() {
        start();
        await().until(() -> publisher.figures().state() == ChangePublisher.State.PUBLISHING);
        Entry gone = write(put(key(MAPS, "ns", "gone"), 0, "x"));
        Entry kept = write(put(key(MAPS, "ns", "kept"), 0, "x"));
        write(remove(key(MAPS, "ns", "gone"), gone.revision()));
        Entry last = write(put(key(MAPS, "ns", "kept"), kept.revision(), "y"));
        awaitPublished(last.revision());
        long end = end(MAPS);
        Map<String, Object> client = new HashMap<>(kafka.clientProperties());
        client.put("isolation.level", "read_committed");
        client.put("max.partition.fetch.bytes", 4 << 20);
        client.put("auto.offset.reset", "earliest");
        try (Consumer<String, String> consumer =
                new KafkaConsumer<>(client, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition topic = new TopicPartition("quarterdeck.core.configmaps", 0);
            BooleanSupplier running = () -> consumer.position(topic) < end;

            Map<String, String> objects = new HashMap<>();
            consumer.assign(List.of(topic));
            consumer.seekToBeginning(consumer.assignment());
            while (running.getAsBoolean()) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    switch (new String(record.headers().lastHeader("type").value(), UTF_8)) {
                        case "RESET" -> objects.clear();
                        case "DELETED" -> objects.remove(record.key());
                        default -> objects.put(record.key(), record.value());
                    }
                }
            }

            assertThat(objects).containsOnlyKeys("ns/kept");
            assertThat(objects.get("ns/kept"))
                    .startsWith("{\"type\":\"MODIFIED\"")
                    .contains("\"data\":\"y\"");
        }
    }

    @Test
    void theLargestLegalObjectReachesAConsumer() {
        start();
        await().until(() -> publisher.figures().state() == ChangePublisher.State.PUBLISHING);
        offset = end(PODS);
        byte[] random = new byte[(3 << 19) * 3 / 4 - 300];
        new Random(1).nextBytes(random);
        // Nothing that compression would make smaller than the API's limit of 1.5 MiB.
        Entry large = write(put(pod("ns", "large"), 0, Base64.getEncoder().encodeToString(random)));
        awaitPublished(large.revision());

        assertThat(large.body().length).isBetween((3 << 19) - 500, 3 << 19);
        assertThat(records(ChangeTopics.of(PODS), offset))
                .singleElement()
                .satisfies(record -> assertThat(record.value().length).isGreaterThan(large.body().length));
    }

    /** One left open hides from readers of committed records whatever any producer writes behind it. */
    @Test
    void closingLeavesNoTransactionOpen() throws Exception {
        try (Admin admin = Admin.create(new HashMap<>(kafka.clientProperties()))) {
            for (int life = 0; life < 5; life++) {
                start();
                await().until(() -> publisher.figures().state() == ChangePublisher.State.PUBLISHING);
                for (int i = 0; i < 300; i++) {
                    write(put(pod("ns", "p" + life + "-" + i), 0, "x"));
                }
                publisher.close();

                assertThat(admin.listTransactions().all().get())
                        .extracting(TransactionListing::state)
                        .doesNotContain(TransactionState.ONGOING);
            }
        }
    }

    @Test
    void whatIsNotServedHasNoTopic() throws Exception {
        start();
        Entry hidden = write(put(key(HIDDEN, "", "30080"), 0, "x"));
        awaitPublished(hidden.revision());

        try (Admin admin = Admin.create(new HashMap<>(kafka.clientProperties()))) {
            assertThat(admin.listTopics().names().get()).doesNotContain(ChangeTopics.of(HIDDEN));
        }
    }
}
