package io.quarterdeck.client;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one watch, one JSON document each. At most one chunk is asked of the connection at a time, so a slow
 * reader slows the server down instead of filling memory. One reader; {@link #close} may come from anywhere.
 */
public final class WatchStream implements AsyncBody.Consumer<List<ByteBuffer>>, AutoCloseable {

    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> chunks = new LinkedBlockingQueue<>();
    private final Deque<byte[]> lines = new ArrayDeque<>();
    private ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private volatile @Nullable AsyncBody body;

    void opened(AsyncBody opened) {
        body = opened;
        opened.done().whenComplete((done, failure) -> chunks.add(END));
        opened.consume();
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody from) {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        for (ByteBuffer buffer : buffers) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            chunk.writeBytes(bytes);
        }
        if (chunk.size() == 0) {
            from.consume();
        } else {
            chunks.add(chunk.toByteArray());
        }
    }

    /**
     * The next frame; empty when the stream ended.
     *
     * @throws InterruptedException when interrupted
     * @throws java.util.concurrent.TimeoutException when nothing came for {@code atMost}
     */
    public Optional<byte[]> next(Duration atMost) throws InterruptedException, TimeoutException {
        while (lines.isEmpty()) {
            byte[] chunk = chunks.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
            if (chunk == null) {
                throw new TimeoutException();
            }
            if (chunk == END) {
                chunks.add(END);
                return Optional.empty();
            }
            split(chunk);
            AsyncBody open = body;
            if (open != null) {
                open.consume();
            }
        }
        return Optional.of(lines.removeFirst());
    }

    private void split(byte[] chunk) {
        int start = 0;
        for (int i = 0; i < chunk.length; i++) {
            if (chunk[i] == '\n') {
                partial.write(chunk, start, i - start);
                if (partial.size() > 0) {
                    lines.addLast(partial.toByteArray());
                    partial = new ByteArrayOutputStream();
                }
                start = i + 1;
            }
        }
        partial.write(chunk, start, chunk.length - start);
    }

    /** All that is left, for the body of a refusal. */
    byte[] rest(Duration atMost) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (byte[] chunk = chunks.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
                    chunk != null && chunk != END;
                    chunk = chunks.poll(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                all.writeBytes(chunk);
                AsyncBody open = body;
                if (open != null) {
                    open.consume();
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        close();
        return all.toByteArray();
    }

    @Override
    public void close() {
        AsyncBody open = body;
        if (open != null) {
            open.cancel();
        }
        chunks.add(END);
    }
}
