package io.quarterdeck.system.faults;

import io.quarterdeck.feed.ChangeTopics;
import io.quarterdeck.system.history.Call.Seen;
import io.quarterdeck.system.history.Model;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the topic of ConfigMaps as any consumer may, and checks what docs/change-topics.md promises: per key without gaps,
 * in order, nothing twice, a reset before what could not be continued.
 */
final class TopicReader implements AutoCloseable {

    private static final TopicPartition TOPIC = new TopicPartition("quarterdeck.core.configmaps", 0);
    private static final Duration POLL = Duration.ofMillis(200);

    private final Properties client;
    private final Thread thread;
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Long> states = new HashMap<>();
    private final Set<Long> published = new HashSet<>();
    private final List<Long> resets = new ArrayList<>();
    private KafkaConsumer<byte[], byte[]> consumer;
    private long highest;
    private long records;
    private boolean deletionOpen;
    private volatile boolean closed;
    private volatile boolean again;

    TopicReader(Properties connection) {
        this.client = new Properties();
        client.putAll(connection);
        client.put("isolation.level", "read_committed");
        client.put("enable.auto.commit", "false");
        client.put("auto.offset.reset", "earliest");
        client.put("max.partition.fetch.bytes", Integer.toString(4 << 20));
        client.put("reconnect.backoff.max.ms", "1000");
        this.consumer = open();
        this.thread = Thread.ofPlatform().name("topic-reader").daemon().start(this::read);
    }

    private KafkaConsumer<byte[], byte[]> open() {
        KafkaConsumer<byte[], byte[]> opened =
                new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        opened.assign(List.of(TOPIC));
        opened.seekToBeginning(List.of(TOPIC));
        return opened;
    }

    /** The topic is not the one that it was: it is read from its beginning. */
    void startAgain() {
        again = true;
    }

    private void read() {
        while (!closed) {
            if (again) {
                again = false;
                consumer.close();
                consumer = open();
            }
            try {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    take(record);
                }
            } catch (RuntimeException away) {
                // The broker is away; what counts is what comes in the end.
                consumer.close();
                consumer = open();
                seen();
            }
        }
        consumer.close();
    }

    /** A reader that begins anew knows what it has: it takes only what is above. */
    private synchronized void seen() {
        rereading = highest;
    }

    private long rereading;

    private static String text(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private synchronized void take(ConsumerRecord<byte[], byte[]> record) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        String type = text(record, ChangeTopics.HEADER_TYPE);
        long revision = Long.parseLong(text(record, ChangeTopics.HEADER_REVISION));
        if (revision <= rereading) {
            return;
        }
        records++;
        if (type.equals(ChangeTopics.RESET)) {
            states.clear();
            highest = 0;
            resets.add(revision);
            return;
        }
        boolean snapshot = !text(record, ChangeTopics.HEADER_SNAPSHOT).isEmpty();
        if (record.value() == null) {
            if (!deletionOpen || revision != highest) {
                violations.add("a tombstone of %s at %d not behind its deletion".formatted(key, revision));
            }
            deletionOpen = false;
            return;
        }
        if (deletionOpen) {
            violations.add("no tombstone behind the deletion at " + highest);
            deletionOpen = false;
        }
        if (snapshot) {
            states.put(key, revision);
            return;
        }
        if (revision <= highest) {
            violations.add("%d of %s behind %d".formatted(revision, key, highest));
        }
        highest = revision;
        long previous = Long.parseLong(text(record, ChangeTopics.HEADER_PREVIOUS_REVISION));
        if (previous != states.getOrDefault(key, 0L)) {
            violations.add("%d of %s follows %d, but the last one was %d"
                    .formatted(revision, key, previous, states.getOrDefault(key, 0L)));
        }
        published.add(revision);
        if (type.equals("DELETED")) {
            states.remove(key);
            deletionOpen = true;
        } else {
            states.put(key, revision);
            JsonNode object = JsonMapper.shared().readTree(record.value()).path("object");
            Seen seen = HttpApi.seen(object);
            if (seen.revision() != revision || !seen.key().equals(key)) {
                violations.add("the record %d of %s holds %s".formatted(revision, key, seen));
            }
        }
    }

    /** Whether everything up to a revision was read: the last one of the run. */
    synchronized boolean reached(String key, long revision) {
        return states.getOrDefault(key, 0L) == revision;
    }

    synchronized long records() {
        return records;
    }

    synchronized int resets() {
        return resets.size();
    }

    /** Ends reading; everything behind the last reset must have come, once. */
    synchronized List<String> verdict(Model model) {
        long from = resets.isEmpty() ? 0 : resets.getLast();
        Map<String, Long> expected = new HashMap<>();
        for (Model.Event event : model.sequence()) {
            if (event.deletion()) {
                expected.remove(event.key());
            } else {
                expected.put(event.key(), event.revision());
            }
            // A reset is told at its revision or before; its snapshot stands for what lies between.
            if (resets.isEmpty() && event.revision() > from && !published.contains(event.revision())) {
                violations.add("%d of %s was not published".formatted(event.revision(), event.key()));
            }
        }
        states.keySet().removeIf(key -> !key.startsWith("ns"));
        if (!states.equals(expected)) {
            violations.add("the topic tells %s, the store has %s".formatted(states, expected));
        }
        return List.copyOf(violations);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
