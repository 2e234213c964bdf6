package io.quarterdeck.system.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Protobuf in Kubernetes' envelope: right outside, by chance inside, sometimes cut off or with a wrong bit. */
final class Protobuf {
    private static final byte[] MAGIC = {'k', '8', 's', 0};

    private Protobuf() {}

    static byte[] message(Chance chance, String apiVersion, String kind) {
        var type = new ByteArrayOutputStream();
        bytes(type, 1, apiVersion.getBytes(StandardCharsets.UTF_8));
        bytes(type, 2, kind.getBytes(StandardCharsets.UTF_8));
        var metadata = new ByteArrayOutputStream();
        bytes(metadata, 1, "p".getBytes(StandardCharsets.UTF_8));
        var object = new ByteArrayOutputStream();
        if (!chance.once(4)) {
            bytes(object, 1, metadata.toByteArray());
        }
        object.writeBytes(inside(chance, 0));
        var envelope = new ByteArrayOutputStream();
        envelope.writeBytes(MAGIC);
        bytes(envelope, 1, type.toByteArray());
        bytes(envelope, 2, object.toByteArray());
        if (chance.once(8)) {
            bytes(envelope, 3, "gzip".getBytes(StandardCharsets.UTF_8));
        }
        byte[] message = envelope.toByteArray();
        return switch (chance.below(5)) {
            case 0 -> Arrays.copyOf(message, chance.below(message.length + 1));
            case 1 -> {
                message[chance.below(message.length)] ^= (byte) (1 << chance.below(8));
                yield message;
            }
            default -> message;
        };
    }

    private static byte[] inside(Chance chance, int depth) {
        var out = new ByteArrayOutputStream();
        for (int fields = chance.below(6); fields > 0; fields--) {
            int number = 1 + chance.below(chance.once(20) ? 600_000_000 : 30);
            switch (chance.below(7)) {
                case 0 -> {
                    varint(out, (long) number << 3);
                    varint(out, chance.once(2) ? chance.below(100) : chance.number());
                }
                case 1 -> {
                    varint(out, (long) number << 3 | 1);
                    out.writeBytes(chance.bytes(8));
                }
                case 2 -> {
                    varint(out, (long) number << 3 | 5);
                    out.writeBytes(chance.bytes(4));
                }
                case 3 -> bytes(out, number, chance.bytes(chance.below(20)));
                case 4 -> {
                    varint(out, (long) number << 3 | 2);
                    varint(out, chance.number());
                }
                case 5 -> varint(out, (long) number << 3 | chance.of(List.of(3, 4, 6, 7)));
                default -> bytes(out, number, depth < 60 ? inside(chance, depth + 1) : chance.bytes(3));
            }
        }
        return out.toByteArray();
    }

    private static void bytes(ByteArrayOutputStream out, int number, byte[] value) {
        varint(out, (long) number << 3 | 2);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
