package io.quarterdeck.node.host;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Messages that come one after another, as one stream of bytes. For one reader. */
public final class MessageInput extends BulkInput {

    /** Waits for the next message; null is the end. */
    @FunctionalInterface
    public interface Messages {
        byte @Nullable [] next() throws IOException;
    }

    private final Messages messages;
    private byte[] current = new byte[0];
    private int position;

    public MessageInput(Messages messages) {
        this.messages = messages;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position == current.length) {
            byte[] next = messages.next();
            if (next == null) {
                return -1;
            }
            current = next;
            position = 0;
        }
        int n = Math.min(length, current.length - position);
        System.arraycopy(current, position, bytes, offset, n);
        position += n;
        return n;
    }
}
