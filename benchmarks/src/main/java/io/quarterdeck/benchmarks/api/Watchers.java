package io.quarterdeck.benchmarks.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;

/** Many watches that count what they are told, and how late. */
final class Watchers implements AutoCloseable {

    private static final byte[] STAMP = "\"sent-at\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int KEPT = 1 << 20;

    private final List<Connection> connections = new ArrayList<>();
    private final LongAdder frames = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder broken = new LongAdder();
    private final long[] late = new long[KEPT];
    private final AtomicInteger lates = new AtomicInteger();
    private volatile boolean closed;

    /** One watch on each connection. */
    void open1(Endpoint endpoint, int count, Call call, boolean timed) {
        for (int i = 0; i < count; i++) {
            Http1Connection connection = endpoint.http1();
            connections.add(connection);
            Sink sink = sink(call, timed);
            Thread.ofVirtual().start(() -> {
                try {
                    connection.call(call, sink);
                } catch (IOException e) {
                    // Ends with the connection.
                }
                ended();
            });
        }
    }

    /** So many connections with so many watches each. */
    void open2(Endpoint endpoint, int count, int each, IntFunction<Call> calls, boolean timed) throws IOException {
        for (int i = 0; i < count; i++) {
            Http2Connection connection = endpoint.http2();
            connections.add(connection);
            for (int j = 0; j < each; j++) {
                Call call = calls.apply(i * each + j);
                connection.begin(call, sink(call, timed)).whenComplete((answer, failure) -> ended());
            }
        }
    }

    /** Asks and never reads. */
    void openStalled(Endpoint endpoint, int count, Call call) throws IOException {
        for (int i = 0; i < count; i++) {
            Http1Connection connection = endpoint.http1();
            connections.add(connection);
            connection.send(call);
        }
    }

    private void ended() {
        if (!closed) {
            broken.increment();
        }
    }

    private Sink sink(Call call, boolean timed) {
        return call.accept().contains("protobuf") ? new ProtobufFrames() : new JsonFrames(timed);
    }

    /** A frame ends with the only newline in it. */
    private final class JsonFrames implements Sink {
        private final boolean timed;
        private int matched;
        private long number;

        JsonFrames(boolean timed) {
            this.timed = timed;
        }

        @Override
        public void data(byte[] buffer, int offset, int length) {
            int ends = 0;
            if (timed) {
                long now = System.nanoTime();
                for (int i = offset; i < offset + length; i++) {
                    byte b = buffer[i];
                    if (b == '\n') {
                        ends++;
                    }
                    look(b, now);
                }
            } else {
                for (int i = offset; i < offset + length; i++) {
                    if (buffer[i] == '\n') {
                        ends++;
                    }
                }
            }
            frames.add(ends);
            bytes.add(length);
        }

        private void look(byte b, long now) {
            if (matched == STAMP.length) {
                if (b >= '0' && b <= '9') {
                    number = number * 10 + b - '0';
                    return;
                }
                int at = number > 0 ? lates.getAndIncrement() : KEPT;
                if (at < KEPT) {
                    late[at] = now - number;
                }
                matched = 0;
                number = 0;
            } else {
                matched = b == STAMP[matched] ? matched + 1 : b == STAMP[0] ? 1 : 0;
            }
        }
    }

    /** Four bytes of length, then the frame. */
    private final class ProtobufFrames implements Sink {
        private int head;
        private int size;
        private int left;

        @Override
        public void data(byte[] buffer, int offset, int length) {
            int at = offset;
            int end = offset + length;
            int ends = 0;
            while (at < end) {
                if (head < 4) {
                    size = size << 8 | buffer[at++] & 255;
                    head++;
                    left = size;
                } else {
                    int some = Math.min(left, end - at);
                    at += some;
                    left -= some;
                }
                if (head == 4 && left == 0) {
                    ends++;
                    head = 0;
                    size = 0;
                }
            }
            frames.add(ends);
            bytes.add(length);
        }
    }

    long frames() {
        return frames.sum();
    }

    long bytes() {
        return bytes.sum();
    }

    long broken() {
        return broken.sum();
    }

    long pieces() {
        return connections.stream().mapToLong(Connection::pieces).sum();
    }

    void forgetLateness() {
        lates.set(0);
    }

    /** In milliseconds. */
    double lateness(double percent) {
        long[] sorted = Arrays.copyOf(late, Math.min(KEPT, lates.get()));
        Arrays.sort(sorted);
        return sorted.length == 0 ? -1 : sorted[(int) ((sorted.length - 1) * percent / 100)] / 1e6;
    }

    @Override
    public void close() {
        closed = true;
        connections.forEach(Connection::close);
    }
}
