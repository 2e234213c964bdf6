package io.quarterdeck.benchmarks.api;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * HTTP/2, as little of it as API servers answer with: windows so large that data needs no acknowledgement, no dynamic
 * header table. Any number of calls at once; sinks run on the connection's one reading thread.
 */
final class Http2Connection implements Connection {

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int ACK = 1;
    private static final int PADDED = 8;
    private static final int WINDOW = Integer.MAX_VALUE;
    private static final int FRAME = 64 * 1024;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final String authority;
    private final String authorization;
    private final Map<Integer, Stream> streams = new ConcurrentHashMap<>();
    private int nextStream = 1;
    private long received;
    private volatile long pieces;

    private static final class Stream {
        final Sink sink;
        final CompletableFuture<Answer> done = new CompletableFuture<>();
        int status;
        long bytes;

        Stream(Sink sink) {
            this.sink = sink;
        }
    }

    Http2Connection(Socket socket, String authority, String authorization) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 2 * FRAME));
        this.authority = authority;
        this.authorization = authorization;
        ByteArrayOutputStream start = new ByteArrayOutputStream();
        start.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream settings = new ByteArrayOutputStream();
        setting(settings, 1, 0); // header table
        setting(settings, 2, 0); // push
        setting(settings, 4, WINDOW); // window of a stream
        setting(settings, 5, FRAME); // largest frame
        frame(start, SETTINGS, 0, 0, settings.toByteArray());
        frame(start, WINDOW_UPDATE, 0, 0, integer(WINDOW - 65_535));
        out.write(start.toByteArray());
        Thread.ofVirtual().name("http2-reader").start(this::read);
    }

    private static void setting(ByteArrayOutputStream to, int name, int value) {
        to.write(name >>> 8);
        to.write(name);
        to.writeBytes(integer(value));
    }

    private static byte[] integer(int value) {
        return new byte[] {(byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value};
    }

    private static void frame(ByteArrayOutputStream to, int type, int flags, int stream, byte[] payload) {
        to.write(payload.length >>> 16);
        to.write(payload.length >>> 8);
        to.write(payload.length);
        to.write(type);
        to.write(flags);
        to.writeBytes(integer(stream));
        to.writeBytes(payload);
    }

    @Override
    public Answer call(Call call, Sink sink) throws IOException {
        try {
            return begin(call, sink).join();
        } catch (CompletionException failed) {
            throw new IOException(failed.getCause());
        }
    }

    /** Sends; the answer goes to the sink while it comes. */
    CompletableFuture<Answer> begin(Call call, Sink sink) throws IOException {
        Stream stream = new Stream(sink);
        ByteArrayOutputStream request = new ByteArrayOutputStream(512 + call.body().length);
        synchronized (this) {
            int id = nextStream;
            nextStream += 2;
            streams.put(id, stream);
            frame(request, HEADERS, END_HEADERS | (call.body().length == 0 ? END_STREAM : 0), id, headers(call));
            if (call.body().length > 0) {
                // Bodies here are smaller than the least window and frame that a server may set.
                frame(request, DATA, END_STREAM, id, call.body());
            }
            out.write(request.toByteArray());
        }
        return stream.done;
    }

    private byte[] headers(Call call) {
        ByteArrayOutputStream block = new ByteArrayOutputStream(256);
        pseudo(block, 2, call.method());
        pseudo(block, 6, "https");
        pseudo(block, 1, authority);
        pseudo(block, 4, call.path());
        literal(block, "accept", call.accept());
        literal(block, "user-agent", "quarterdeck-benchmarks");
        if (!authorization.isEmpty()) {
            literal(block, "authorization", authorization);
        }
        if (call.gzip()) {
            literal(block, "accept-encoding", "gzip");
        }
        if (call.body().length > 0) {
            literal(block, "content-type", call.contentType());
            literal(block, "content-length", Integer.toString(call.body().length));
        }
        return block.toByteArray();
    }

    /** A header that HTTP/2 adds, by its name's place in the static table. */
    private static void pseudo(ByteArrayOutputStream block, int name, String value) {
        block.write(name);
        string(block, value);
    }

    /** Without indexing and without Huffman's code: costs bytes, no thought. */
    private static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        string(block, name);
        string(block, value);
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int left = bytes.length;
        if (left < 127) {
            block.write(left);
        } else {
            block.write(127);
            for (left -= 127; left >= 128; left >>>= 7) {
                block.write(left & 127 | 128);
            }
            block.write(left);
        }
        block.writeBytes(bytes);
    }

    private void read() {
        byte[] payload = new byte[FRAME];
        try {
            while (true) {
                int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int id = in.readInt();
                if (length > payload.length) {
                    payload = new byte[length];
                }
                in.readFully(payload, 0, length);
                frame(type, flags, id, payload, length);
            }
        } catch (IOException | RuntimeException failed) {
            streams.values().forEach(stream -> stream.done.completeExceptionally(failed));
            streams.clear();
        }
    }

    private void frame(int type, int flags, int id, byte[] payload, int length) throws IOException {
        Stream stream = streams.get(id);
        switch (type) {
            case DATA -> {
                received += length;
                if (received > WINDOW / 2) {
                    // All streams of a connection share this window.
                    control(WINDOW_UPDATE, 0, integer((int) received));
                    received = 0;
                }
                if (stream != null) {
                    int padding = (flags & PADDED) == 0 ? 0 : 1 + (payload[0] & 255);
                    int from = (flags & PADDED) == 0 ? 0 : 1;
                    pieces++;
                    stream.bytes += length - padding;
                    stream.sink.data(payload, from, length - padding);
                }
            }
            case HEADERS -> {
                if (stream != null && stream.status == 0) {
                    stream.status = status(payload);
                }
            }
            case RST_STREAM -> {
                if (streams.remove(id) != null && stream != null) {
                    stream.done.completeExceptionally(
                            new IOException("the server reset the stream: " + (payload[3] & 255)));
                }
                return;
            }
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    control(SETTINGS, ACK, new byte[0]);
                }
            }
            case PING -> {
                if ((flags & ACK) == 0) {
                    control(PING, ACK, Arrays.copyOf(payload, length));
                }
            }
            case GOAWAY -> throw new IOException("the server sends its clients away");
            default -> {
                // Windows are larger than anything sent here.
            }
        }
        if (stream != null && (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
            streams.remove(id);
            stream.done.complete(new Answer(stream.status, stream.bytes));
        }
    }

    private synchronized void control(int type, int flags, byte[] payload) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(32);
        frame(bytes, type, flags, 0, payload);
        out.write(bytes.toByteArray());
    }

    /** The status comes first: an entry of the static table, or a literal of three digits. */
    private static int status(byte[] block) {
        int at = 0;
        while ((block[at] & 0xe0) == 0x20) {
            at++; // a table size
        }
        int first = block[at] & 255;
        if (first >= 0x88 && first <= 0x8e) {
            return new int[] {200, 204, 206, 304, 400, 404, 500}[first - 0x88];
        }
        int length = block[at + 1] & 127;
        if ((block[at + 1] & 128) == 0) {
            return Integer.parseInt(new String(block, at + 2, length, StandardCharsets.US_ASCII));
        }
        // In Huffman's code 0, 1 and 2 have five bits and are their own value; others six: 3 is 011001.
        int bits = 0;
        for (int i = 0; i < length; i++) {
            bits = bits << 8 | block[at + 2 + i] & 255;
        }
        int left = length * 8;
        int status = 0;
        for (int digit = 0; digit < 3; digit++) {
            int five = bits >>> left - 5 & 31;
            if (five <= 2) {
                status = status * 10 + five;
                left -= 5;
            } else {
                status = status * 10 + (bits >>> left - 6 & 63) - 0x19 + 3;
                left -= 6;
            }
        }
        return status;
    }

    @Override
    public long pieces() {
        return pieces;
    }

    @Override
    public void close() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException gone) {
            // It is closed.
        }
    }
}
