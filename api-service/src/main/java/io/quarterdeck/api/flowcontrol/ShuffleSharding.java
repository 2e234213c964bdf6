package io.quarterdeck.api.flowcontrol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Deals a hand of queues to a flow, so that two flows seldom share all of theirs: a noisy one then blocks few others. Pure.
 *
 * <p>Source: KEP-1040, "Shuffle sharding".
 */
final class ShuffleSharding {

    private ShuffleSharding() {}

    static long hash(String schema, String flow) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((schema + "," + flow).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java runtime", impossible);
        }
    }

    /** {@code hand} different numbers below {@code queues}. */
    static int[] deal(long hash, int queues, int hand) {
        int size = Math.min(hand, queues);
        int[] cards = new int[size];
        long rest = hash;
        for (int i = 0; i < size; i++) {
            int left = queues - i;
            int card = (int) Long.remainderUnsigned(rest, left);
            rest = Long.divideUnsigned(rest, left);
            // The card counts those that are left: step over what was dealt, lowest first.
            for (int dealt : sorted(cards, i)) {
                if (card >= dealt) {
                    card++;
                }
            }
            cards[i] = card;
        }
        return cards;
    }

    private static int[] sorted(int[] cards, int count) {
        int[] sorted = Arrays.copyOf(cards, count);
        Arrays.sort(sorted);
        return sorted;
    }
}
