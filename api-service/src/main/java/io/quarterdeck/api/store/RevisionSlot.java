package io.quarterdeck.api.store;

import java.nio.charset.StandardCharsets;

/**
 * The place in a body that holds the resourceVersion. It is the first field of {@code metadata}, which is the first
 * field of the body, so a revision is spliced in without parsing.
 */
public final class RevisionSlot {

    private static final byte[] PREFIX = "\"metadata\":{\"resourceVersion\":\"".getBytes(StandardCharsets.US_ASCII);

    private RevisionSlot() {}

    /** A new body that shows {@code revision}, whatever the slot held before. */
    public static byte[] fill(byte[] body, long revision) {
        return replace(body, Long.toString(revision));
    }

    /** The form in which a body is stored: with an empty slot. */
    public static byte[] clear(byte[] body) {
        return replace(body, "");
    }

    private static byte[] replace(byte[] body, String text) {
        int end = endOf(body);
        byte[] result = new byte[PREFIX.length + text.length() + body.length - end];
        System.arraycopy(PREFIX, 0, result, 0, PREFIX.length);
        text.getBytes(0, text.length(), result, PREFIX.length);
        System.arraycopy(body, end, result, PREFIX.length + text.length(), body.length - end);
        return result;
    }

    /** Where the slot's closing quote stands. */
    private static int endOf(byte[] body) {
        for (int i = 0; i < PREFIX.length; i++) {
            if (i >= body.length || body[i] != PREFIX[i]) {
                throw new IllegalArgumentException("the body does not begin with metadata.resourceVersion");
            }
        }
        int end = PREFIX.length;
        while (end < body.length && body[end] >= '0' && body[end] <= '9') {
            end++;
        }
        if (end == body.length || body[end] != '"') {
            throw new IllegalArgumentException("the body's resourceVersion is not a number");
        }
        return end;
    }
}
