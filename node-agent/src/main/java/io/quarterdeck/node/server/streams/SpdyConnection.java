package io.quarterdeck.node.server.streams;

import io.quarterdeck.node.host.BulkOutput;
import io.quarterdeck.node.host.MessageInput;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The server's half of a SPDY/3.1 connection, as far as Kubernetes uses it: streams that the client opens, data both
 * ways, half-closing, resets, pings. Upstream's library has no flow control and neither has this; a slow reader of one
 * stream slows the whole connection down.
 */
public final class SpdyConnection implements AutoCloseable {

    private static final int SYN_STREAM = 1;
    private static final int SYN_REPLY = 2;
    private static final int RST_STREAM = 3;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int HEADERS = 8;
    private static final int FIN = 1;
    private static final int VERSION = 3;
    private static final int MAX_FRAME = 1 << 24;
    private static final int CHUNK = 32 * 1024;
    private static final int QUEUED_FRAMES = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final DataInputStream in;
    private final DataOutputStream out;
    private final SpdyHeaders headers = new SpdyHeaders();
    private final Map<Integer, SpdyStream> streams = new ConcurrentHashMap<>();
    private final CountDownLatch gone = new CountDownLatch(1);
    private volatile boolean closed;

    public SpdyConnection(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = new DataOutputStream(out);
    }

    /** Reads until the client goes; tells of each new stream, already answered. Blocks meanwhile. */
    public void serve(Consumer<SpdyStream> opened) throws IOException {
        try {
            while (!closed) {
                int word = in.readInt();
                int rest = in.readInt();
                int flags = rest >>> 24;
                int length = rest & 0xffffff;
                if (length > MAX_FRAME) {
                    throw new IOException("SPDY frame too large");
                }
                byte[] payload = in.readNBytes(length);
                if (payload.length < length) {
                    return;
                }
                if (word >= 0) {
                    data(word, payload, (flags & FIN) != 0);
                } else {
                    control(word & 0xffff, flags, payload, opened);
                }
            }
        } catch (EOFException clientLeft) {
            // The ordinary end.
        } finally {
            close();
        }
    }

    /** Waits, not for ever, until the client has closed the connection. */
    public void awaitClient() throws IOException {
        try {
            gone.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void data(int id, byte[] payload, boolean fin) {
        SpdyStream stream = streams.get(id);
        if (stream != null) {
            stream.received(payload);
            if (fin) {
                stream.received(null);
            }
        }
    }

    private void control(int type, int flags, byte[] payload, Consumer<SpdyStream> opened) throws IOException {
        DataInputStream body = new DataInputStream(new ByteArrayInputStream(payload));
        switch (type) {
            case SYN_STREAM -> {
                int id = body.readInt() & 0x7fffffff;
                body.skipNBytes(6);
                SpdyStream stream = new SpdyStream(id, headers.read(body.readAllBytes()));
                streams.put(id, stream);
                if ((flags & FIN) != 0) {
                    stream.received(null);
                }
                reply(id);
                opened.accept(stream);
            }
            case RST_STREAM -> {
                SpdyStream stream = streams.remove(body.readInt() & 0x7fffffff);
                if (stream != null) {
                    stream.reset = true;
                    stream.received(null);
                }
            }
            case PING -> frame(PING, 0, payload);
            case GOAWAY -> {}
            // The context of compression must see every block, whatever is done with it.
            case HEADERS -> {
                int id = body.readInt() & 0x7fffffff;
                headers.read(body.readAllBytes());
                if ((flags & FIN) != 0) {
                    data(id, new byte[0], true);
                }
            }
            default -> {}
        }
    }

    private synchronized void reply(int id) throws IOException {
        byte[] block = headers.write(Map.of());
        byte[] payload = new byte[4 + block.length];
        putInt(payload, id);
        System.arraycopy(block, 0, payload, 4, block.length);
        frame(SYN_REPLY, 0, payload);
    }

    private static void putInt(byte[] target, int value) {
        target[0] = (byte) (value >> 24);
        target[1] = (byte) (value >> 16);
        target[2] = (byte) (value >> 8);
        target[3] = (byte) value;
    }

    private synchronized void frame(int type, int flags, byte[] payload) throws IOException {
        byte[] whole = new byte[8 + payload.length];
        putInt(whole, 0x80000000 | VERSION << 16 | type);
        whole[4] = (byte) flags;
        whole[5] = (byte) (payload.length >> 16);
        whole[6] = (byte) (payload.length >> 8);
        whole[7] = (byte) payload.length;
        System.arraycopy(payload, 0, whole, 8, payload.length);
        out.write(whole);
        out.flush();
    }

    private synchronized void write(int id, boolean fin, byte[] bytes, int offset, int length) throws IOException {
        byte[] whole = new byte[8 + length];
        putInt(whole, id);
        whole[4] = (byte) (fin ? FIN : 0);
        whole[5] = (byte) (length >> 16);
        whole[6] = (byte) (length >> 8);
        whole[7] = (byte) length;
        System.arraycopy(bytes, offset, whole, 8, length);
        out.write(whole);
        out.flush();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        gone.countDown();
        streams.values().forEach(stream -> {
            stream.reset = true;
            stream.received(null);
        });
        streams.clear();
    }

    /** One stream; its input ends when the client half-closes or resets it. */
    public final class SpdyStream {

        private final int id;
        private final Map<String, String> headers;
        private final BlockingQueue<byte[]> received = new ArrayBlockingQueue<>(QUEUED_FRAMES);
        private volatile boolean ended;
        private volatile boolean reset;
        private boolean finSent;
        private final InputStream input = new MessageInput(this::next);

        private SpdyStream(int id, Map<String, String> headers) {
            this.id = id;
            this.headers = headers;
        }

        /** By name in lower case. */
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        private void received(byte @Nullable [] payload) {
            if (payload == null) {
                ended = true;
                // Wakes a reader; when the queue is full there is no reader asleep.
                received.offer(new byte[0]);
                return;
            }
            try {
                received.put(payload);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        public InputStream input() {
            return input;
        }

        private byte @Nullable [] next() throws IOException {
            if (ended && received.isEmpty()) {
                return null;
            }
            try {
                return received.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        public OutputStream output() {
            return new BulkOutput() {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    for (int done = 0; done < length; done += CHUNK) {
                        if (reset || closed) {
                            throw new IOException("the stream was closed by its reader");
                        }
                        SpdyConnection.this.write(id, false, bytes, offset + done, Math.min(CHUNK, length - done));
                    }
                }

                @Override
                public void close() throws IOException {
                    endOutput();
                }
            };
        }

        /** Half-closes: nothing more will be written. */
        public void endOutput() throws IOException {
            synchronized (SpdyConnection.this) {
                if (finSent || reset || closed) {
                    return;
                }
                finSent = true;
                SpdyConnection.this.write(id, true, new byte[0], 0, 0);
            }
            if (ended) {
                streams.remove(id);
            }
        }
    }
}
