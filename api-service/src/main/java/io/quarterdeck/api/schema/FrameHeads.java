package io.quarterdeck.api.schema;

import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the message in a protobuf watch frame: its length, its type, the envelope of the object. The last ones
 * are kept, since a crowd of watchers needs the same within a moment. Thread-safe.
 */
final class FrameHeads {

    private static final int KEPT = 256;

    private final AtomicReferenceArray<@Nullable Head> last = new AtomicReferenceArray<>(KEPT);

    private record Head(String type, GroupVersionKind kind, int messageLength, byte[] bytes) {
        boolean suits(String otherType, GroupVersionKind otherKind, int otherLength) {
            return messageLength == otherLength && type.equals(otherType) && kind.equals(otherKind);
        }
    }

    byte[] get(String type, GroupVersionKind kind, int messageLength) {
        int place = messageLength & (KEPT - 1);
        Head head = last.get(place);
        if (head == null || !head.suits(type, kind, messageLength)) {
            head = new Head(type, kind, messageLength, encoded(type, kind, messageLength));
            last.set(place, head);
        }
        return head.bytes;
    }

    private static byte[] encoded(String type, GroupVersionKind kind, int messageLength) {
        byte[] envelope = SchemaCodec.envelopeHead(messageLength, kind);
        int end = messageLength + SchemaCodec.ENVELOPE_END.length;
        int enveloped = envelope.length + end;
        ProtobufWriter head = new ProtobufWriter();
        head.raw(envelope);
        head.header(1, enveloped);
        head.header(2, head.written() - envelope.length + enveloped);
        head.bytes(1, type.getBytes(StandardCharsets.UTF_8));
        head.bigEndian(head.written() + end);
        return head.bytes();
    }
}
