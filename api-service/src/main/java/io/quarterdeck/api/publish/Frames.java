package io.quarterdeck.api.publish;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.feed.ChangeTopics;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Changes as records of Kafka: the watch frame with the object's type header, and headers that tell the rest. Pure. */
final class Frames {

    private final Function<GroupResource, Optional<GroupVersionKind>> kinds;
    private final Predicate<GroupResource> keysOnly;

    /** @param kinds the kind that a storage keeps, in the stored version; empty for what is no API resource */
    Frames(Function<GroupResource, Optional<GroupVersionKind>> kinds, Predicate<GroupResource> keysOnly) {
        this.kinds = kinds;
        this.keysOnly = keysOnly;
    }

    /** Whether a storage's topic carries keys and revisions alone. */
    boolean keysOnly(GroupResource storage) {
        return keysOnly.test(storage);
    }

    /** Whether the storage has a topic at all: the service's own bookkeeping has none. */
    boolean published(GroupResource storage) {
        return kinds.apply(storage).isPresent();
    }

    ProducerRecord<byte[], byte[]> record(Change change) {
        Entry entry = change.entry();
        ProducerRecord<byte[], byte[]> record = empty(entry, frame(change.type(), entry));
        header(record, ChangeTopics.HEADER_REVISION, Long.toString(entry.revision()));
        header(record, ChangeTopics.HEADER_PREVIOUS_REVISION, Long.toString(change.previousRevision()));
        header(record, ChangeTopics.HEADER_TYPE, change.type().name());
        header(record, ChangeTopics.HEADER_UID, entry.header().uid());
        header(record, ChangeTopics.HEADER_TRANSACTION, Long.toString(change.transactionRevision()));
        header(record, ChangeTopics.HEADER_ACTOR, change.actor());
        header(record, ChangeTopics.HEADER_AT, change.at().toString());
        return record;
    }

    /** What compaction needs behind a deletion. */
    ProducerRecord<byte[], byte[]> tombstone(Change change) {
        ProducerRecord<byte[], byte[]> record = empty(change.entry(), null);
        header(
                record,
                ChangeTopics.HEADER_REVISION,
                Long.toString(change.entry().revision()));
        header(record, ChangeTopics.HEADER_TYPE, change.type().name());
        return record;
    }

    /** What a topic told before is void. */
    ProducerRecord<byte[], byte[]> reset(String topic, long revision) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, new byte[0], null);
        header(record, ChangeTopics.HEADER_REVISION, Long.toString(revision));
        header(record, ChangeTopics.HEADER_TYPE, ChangeTopics.RESET);
        return record;
    }

    /**
     * An object of a snapshot, as if it had just been found.
     *
     * @param reset the revision that the reset before it told
     */
    ProducerRecord<byte[], byte[]> snapshot(Entry entry, long reset) {
        ProducerRecord<byte[], byte[]> record = empty(entry, frame(Change.Type.ADDED, entry));
        header(record, ChangeTopics.HEADER_REVISION, Long.toString(entry.revision()));
        header(record, ChangeTopics.HEADER_TYPE, Change.Type.ADDED.name());
        header(record, ChangeTopics.HEADER_UID, entry.header().uid());
        header(record, ChangeTopics.HEADER_SNAPSHOT, Long.toString(reset));
        return record;
    }

    private static ProducerRecord<byte[], byte[]> empty(Entry entry, byte @Nullable [] value) {
        return new ProducerRecord<>(
                ChangeTopics.of(entry.key().storage()),
                0,
                bytes(entry.key().key().path()),
                value);
    }

    private byte[] frame(Change.Type type, Entry entry) {
        Optional<GroupVersionKind> kind = kinds.apply(entry.key().storage());
        if (kind.isEmpty() || keysOnly.test(entry.key().storage())) {
            return bytes("{\"type\":\"" + type + "\"}");
        }
        GroupVersionKind stored = new GroupVersionKind(
                kind.get().group(), entry.storedVersion(), kind.get().kind());
        byte[] head = bytes("{\"type\":\"" + type + "\",\"object\":{\"apiVersion\":\"" + stored.apiVersion()
                + "\",\"kind\":\"" + stored.kind() + "\",");
        byte[] body = entry.body();
        byte[] frame = new byte[head.length + body.length + 1];
        System.arraycopy(head, 0, frame, 0, head.length);
        System.arraycopy(body, 0, frame, head.length, body.length);
        frame[frame.length - 1] = '}';
        return frame;
    }

    private static void header(ProducerRecord<byte[], byte[]> record, String name, String value) {
        record.headers().add(name, bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
