package io.quarterdeck.feed.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import io.quarterdeck.feed.ChangeFeed;
import io.quarterdeck.feed.ChangeSink;
import io.quarterdeck.feed.ChangeTopics;
import io.quarterdeck.feed.Scope;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;

/** The feed by Spring Cloud Stream against a real broker: which way changes come, and that each comes once. */
class KafkaFeedIT {

    private static final ResourceType<ConfigMap> TYPE = ResourceType.of(ConfigMap.class);
    private static final String TOPIC = ChangeTopics.of(TYPE.groupResource());
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    private final ObjectSerialization serialization = new ObjectSerialization();
    private final Api api = new Api();
    private final Told sink = new Told();
    private EmbeddedKafka kafka;
    private KafkaFeed feed;
    private Publisher publisher;
    private ChangeFeed.Subscription subscription;

    @BeforeEach
    void start() throws Exception {
        kafka = EmbeddedKafka.start(KafkaSettings.in(directory));
        try (Admin admin = Admin.create(new HashMap<>(kafka.clientProperties()))) {
            admin.createTopics(List.of(
                            new NewTopic(TOPIC, 1, (short) 1), new NewTopic(ChangeTopics.PROGRESS, 1, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
        api.write(3);
        publisher = new Publisher();
        feed = new KafkaFeed(api, new StreamTail(properties(), noDetails()), serialization, InstantSource.system())
                .start();
        subscription = feed.follow(TYPE, Scope.ALL, sink);
    }

    @AfterEach
    void stop() {
        feed.close();
        publisher.close();
        kafka.close();
    }

    @Test
    void followsThroughKafkaAndGoesOnByWatchWhileTheBrokerIsAway() {
        awaitSource("kafka");
        assertThat(api.watching.get()).isZero();
        api.write(40);
        awaitAllTold();
        assertThat(subscription.source()).isEqualTo("kafka");

        kafka.pause();
        api.write(20);
        awaitSource("watch");
        api.write(20);
        awaitAllTold();

        kafka.resume();
        api.write(20);
        awaitSource("kafka");
        api.write(20);
        awaitAllTold();
        assertThat(subscription.source()).isEqualTo("kafka");
        assertEachChangeToldOnce();
    }

    @Test
    void aPublisherThatLagsIsNotWaitedFor() {
        awaitSource("kafka");
        publisher.silent = true;
        api.write(30);
        awaitSource("watch");
        awaitAllTold();

        publisher.silent = false;
        awaitSource("kafka");
        api.write(10);
        awaitAllTold();
        assertEachChangeToldOnce();
    }

    @Test
    void anotherEpochListsAnewWhatWasNeverPublished() {
        awaitSource("kafka");
        publisher.silent = true;
        api.write(5);
        publisher.beginAnew();
        awaitAllTold();
        awaitSource("kafka");
        assertThat(sink.lists).hasSize(2);

        api.write(10);
        awaitAllTold();
        assertThat(sink.puts).doesNotHaveDuplicates().isSorted();
    }

    private void awaitSource(String wanted) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(subscription.source()).isEqualTo(wanted));
    }

    private void awaitAllTold() {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(sink.revision()).isEqualTo(api.head()));
    }

    private void assertEachChangeToldOnce() {
        assertThat(sink.lists).containsExactly(3L);
        assertThat(sink.puts)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(4, api.head()).boxed().toList());
    }

    private KafkaProperties properties() {
        Map<String, String> client = new HashMap<>(kafka.clientProperties());
        KafkaProperties properties = new KafkaProperties();
        properties.setBootstrapServers(List.of(client.remove("bootstrap.servers")));
        properties.getProperties().putAll(client);
        return properties;
    }

    private static ObjectProvider<KafkaConnectionDetails> noDetails() {
        return new DefaultListableBeanFactory().getBeanProvider(KafkaConnectionDetails.class);
    }

    private static ConfigMap configMap(long revision) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("c" + revision % 7)
                .withNamespace("d")
                .withUid("u" + revision % 7)
                .withResourceVersion(Long.toString(revision))
                .endMetadata()
                .build();
    }

    /** The server's own list and watch: revision N is the Nth write. */
    private static final class Api implements ChangeFeed {

        final AtomicInteger watching = new AtomicInteger();
        private long head;

        synchronized void write(int changes) {
            head += changes;
            notifyAll();
        }

        synchronized long head() {
            return head;
        }

        private synchronized void awaitBeyond(long revision) throws InterruptedException {
            while (head <= revision) {
                wait();
            }
        }

        @Override
        public <T extends HasMetadata> Subscription follow(ResourceType<T> type, Scope scope, ChangeSink<T> to) {
            watching.incrementAndGet();
            Thread thread = Thread.ofVirtual().start(() -> watch(to));
            return new Subscription() {
                @Override
                public String source() {
                    return "watch";
                }

                @Override
                public void close() {
                    watching.decrementAndGet();
                    thread.interrupt();
                }
            };
        }

        @SuppressWarnings("unchecked") // the test follows config maps only
        private <T extends HasMetadata> void watch(ChangeSink<T> to) {
            try {
                long at = to.revision();
                if (at == 0) {
                    at = head();
                    to.replace(at, List.of());
                }
                while (!Thread.interrupted()) {
                    awaitBeyond(at);
                    at++;
                    to.put(at, (T) configMap(at));
                }
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {}
    }

    /** Copies the writes to Kafka and tells its progress, again and again where the broker does not answer. */
    private final class Publisher implements AutoCloseable {

        volatile boolean silent;
        private volatile boolean reset;
        private volatile boolean closed;
        private final Thread thread;
        private long published = api.head();
        private long epoch = 1;

        Publisher() {
            thread = Thread.ofPlatform().name("publisher").start(this::run);
        }

        /** What was written but not published is skipped. */
        void beginAnew() {
            reset = true;
            silent = false;
        }

        private void run() {
            Map<String, Object> client = new HashMap<>(kafka.clientProperties());
            client.put("delivery.timeout.ms", 2000);
            client.put("request.timeout.ms", 1000);
            client.put("max.block.ms", 1000);
            client.put("linger.ms", 0);
            try (var producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
                while (!closed) {
                    try {
                        if (!silent) {
                            round(producer);
                        }
                    } catch (ExecutionException | TimeoutException | RuntimeException unreachable) {
                        // The same again: a change may so be published twice, never left out.
                    }
                    Thread.sleep(100);
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }

        private void round(KafkaProducer<byte[], byte[]> producer)
                throws ExecutionException, TimeoutException, InterruptedException {
            if (reset) {
                published = api.head();
                epoch++;
                send(producer, ChangeTopics.PROGRESS, new ChangeTopics.Progress(published, epoch, true).bytes());
                reset = false;
            }
            for (long to = api.head(); published < to; published++) {
                String frame =
                        "{\"type\":\"MODIFIED\",\"object\":" + serialization.asJson(configMap(published + 1)) + "}";
                send(producer, TOPIC, frame.getBytes(StandardCharsets.UTF_8));
            }
            send(producer, ChangeTopics.PROGRESS, new ChangeTopics.Progress(published, epoch, false).bytes());
        }

        private void send(KafkaProducer<byte[], byte[]> producer, String topic, byte[] value)
                throws ExecutionException, TimeoutException, InterruptedException {
            producer.send(new ProducerRecord<>(topic, value)).get(5, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            closed = true;
            thread.interrupt();
        }
    }

    private static final class Told implements ChangeSink<ConfigMap> {

        final List<Long> puts = new CopyOnWriteArrayList<>();
        final List<Long> lists = new ArrayList<>();
        private volatile long revision;

        @Override
        public void replace(long at, List<ConfigMap> objects) {
            lists.add(at);
            revision = at;
        }

        @Override
        public void put(long at, ConfigMap object) {
            puts.add(at);
            revision = at;
        }

        @Override
        public void remove(long at, ConfigMap last) {
            throw new AssertionError("nothing is deleted here");
        }

        @Override
        public void reached(long at) {
            revision = Math.max(revision, at);
        }

        @Override
        public long revision() {
            return revision;
        }
    }
}
