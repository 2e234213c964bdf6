package io.quarterdeck.api.publish;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.CompactedException;
import io.quarterdeck.api.store.CrashPoint;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.feed.ChangeTopics;
import io.quarterdeck.model.GroupResource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of the relay: from the cursor in Kafka to the first failure. Every Kafka transaction carries its changes and
 * the cursor behind them, so whatever happens between two transactions is repeated or has happened, never halfway.
 */
final class Relay implements AutoCloseable {

    /** Holds {revision, epoch} of the last transaction, under one key. */
    static final String CURSOR = "quarterdeck.cursor";

    private static final Logger log = LoggerFactory.getLogger(Relay.class);
    private static final byte[] CURSOR_KEY = "cursor".getBytes(StandardCharsets.UTF_8);
    private static final int SNAPSHOT_BATCH = 500;

    /** The last committed cursor lies within this of the end: what follows is a control marker. */
    private static final int CURSOR_SEARCH = 50;

    private final OrderedStore store;
    private final KafkaClients clients;
    private final Frames frames;
    private final PublisherProperties properties;
    private final Producer<byte[], byte[]> producer;
    private final Set<String> topics = new HashSet<>();
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private long epoch;
    private long revision;
    private long progressAt = System.nanoTime();
    private long published;

    /** The log is corrupt: going on would hide that something was lost. */
    static final class LogHoleException extends RuntimeException {
        LogHoleException(long revision) {
            super("the change log has a hole behind revision " + revision);
        }
    }

    Relay(OrderedStore store, KafkaClients clients, Frames frames, PublisherProperties properties) {
        this.store = store;
        this.clients = clients;
        this.frames = frames;
        this.properties = properties;
        this.producer = clients.producer();
    }

    /** Fences a predecessor and takes up where it ended, or resets what cannot be continued. */
    void begin(Collection<GroupResource> storages) {
        producer.initTransactions();
        CrashPoint.RELAY_BEGUN.passed();
        clients.createTopics(List.of(CURSOR), TopicConfig.CLEANUP_POLICY_COMPACT);
        clients.createTopics(List.of(ChangeTopics.PROGRESS), TopicConfig.CLEANUP_POLICY_DELETE);
        clients.dropTopicsWithBodies(storages.stream()
                .filter(storage -> frames.published(storage) && frames.keysOnly(storage))
                .map(ChangeTopics::of)
                .toList());
        ensureTopics(storages.stream()
                .filter(frames::published)
                .map(ChangeTopics::of)
                .toList());
        epoch = numberOf(store.epoch());
        ChangeTopics.Progress cursor = readCursor();
        if (cursor != null && cursor.epoch() == epoch && cursor.revision() > store.committedRevision()) {
            // Files of the database that were put back by other means than PostgreSQL's own: only Kafka can tell.
            log.error(
                    "Kafka has revision {}, the store only {}: revisions jump, clients read anew",
                    cursor.revision(),
                    store.committedRevision());
            store.raiseEpoch();
            epoch = numberOf(store.epoch());
        }
        if (cursor == null || cursor.epoch() != epoch || cursor.revision() < store.compactedRevision()) {
            reset();
        } else {
            revision = cursor.revision();
            log.info("Publishing changes behind revision {}", revision);
        }
    }

    /** Epochs are random texts; on Kafka they are numbers. */
    static long numberOf(String epoch) {
        return UUID.nameUUIDFromBytes(epoch.getBytes(StandardCharsets.UTF_8)).getMostSignificantBits() >>> 11;
    }

    private ChangeTopics.@Nullable Progress readCursor() {
        TopicPartition partition = new TopicPartition(CURSOR, 0);
        try (Consumer<byte[], byte[]> consumer = clients.consumer()) {
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            long begin = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
            ConsumerRecord<byte[], byte[]> last = null;
            for (long from = Math.max(begin, end - CURSOR_SEARCH); last == null && begin < end; from = begin) {
                consumer.seek(partition, from);
                while (consumer.position(partition) < end) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                        last = record;
                    }
                }
                if (from == begin) {
                    break;
                }
            }
            return last == null ? null : ChangeTopics.Progress.read(last.value());
        }
    }

    /**
     * Tells everyone to list anew, and writes what exists: a snapshot alone would leave them the ghosts of what was
     * deleted. Only the last transaction moves the cursor, so an interrupted reset begins again.
     */
    private void reset() {
        log.info("Publishing everything anew: the log does not continue what Kafka has");
        long now = store.committedRevision();
        producer.beginTransaction();
        send(progress(new ChangeTopics.Progress(now, epoch, true)));
        topics.forEach(topic -> send(frames.reset(topic, now)));
        commit();
        CrashPoint.RESET_TOLD.passed();
        List<Entry> part = new ArrayList<>();
        long loaded = store.load(entry -> {
            part.add(entry);
            if (part.size() == SNAPSHOT_BATCH) {
                publishSnapshot(part, now);
            }
        });
        publishSnapshot(part, now);
        CrashPoint.SNAPSHOT_WRITTEN.passed();
        producer.beginTransaction();
        moveCursor(loaded);
        commit();
        revision = loaded;
    }

    private void publishSnapshot(List<Entry> part, long reset) {
        producer.beginTransaction();
        for (Entry entry : part) {
            if (frames.published(entry.key().storage())) {
                ensureTopics(List.of(ChangeTopics.of(entry.key().storage())));
                send(frames.snapshot(entry, reset));
            }
        }
        commit();
        part.clear();
    }

    /** Publishes what is due; answers whether there may be more at once. */
    boolean step() {
        List<Change> changes;
        try {
            changes = store.changesAfter(revision, properties.batch());
        } catch (CompactedException gone) {
            epoch = numberOf(store.epoch());
            reset();
            return true;
        }
        boolean progressDue =
                System.nanoTime() - progressAt >= properties.progressInterval().toNanos();
        if (changes.isEmpty() && !progressDue) {
            return false;
        }
        ensureTopics(changes.stream()
                .map(change -> change.entry().key().storage())
                .filter(frames::published)
                .map(ChangeTopics::of)
                .toList());
        long last = revision;
        producer.beginTransaction();
        for (Change change : changes) {
            if (change.entry().revision() != last + 1) {
                throw new LogHoleException(last);
            }
            last = change.entry().revision();
            if (frames.published(change.entry().key().storage())) {
                send(frames.record(change));
                if (change.type() == Change.Type.DELETED) {
                    send(frames.tombstone(change));
                }
            }
        }
        if (progressDue) {
            send(progress(new ChangeTopics.Progress(last, epoch, false)));
            progressAt = System.nanoTime();
        }
        moveCursor(last);
        CrashPoint.CHANGES_SENT.passed();
        commit();
        CrashPoint.CHANGES_PUBLISHED.passed();
        revision = last;
        published += changes.size();
        return !changes.isEmpty();
    }

    private static ProducerRecord<byte[], byte[]> progress(ChangeTopics.Progress progress) {
        return new ProducerRecord<>(ChangeTopics.PROGRESS, 0, null, progress.bytes());
    }

    private void moveCursor(long to) {
        send(new ProducerRecord<>(CURSOR, 0, CURSOR_KEY, new ChangeTopics.Progress(to, epoch, false).bytes()));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        sent.add(producer.send(record));
    }

    private void commit() {
        producer.commitTransaction();
        for (Future<RecordMetadata> delivered : sent) {
            try {
                delivered.get();
            } catch (ExecutionException e) {
                throw new KafkaException("a record was not taken", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KafkaException("interrupted");
            }
        }
        sent.clear();
    }

    private void ensureTopics(Collection<String> wanted) {
        List<String> missing = wanted.stream()
                .distinct()
                .filter(name -> !topics.contains(name))
                .toList();
        if (!missing.isEmpty()) {
            clients.createTopics(missing, TopicConfig.CLEANUP_POLICY_COMPACT + "," + TopicConfig.CLEANUP_POLICY_DELETE);
            topics.addAll(missing);
        }
    }

    long revision() {
        return revision;
    }

    long published() {
        return published;
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
