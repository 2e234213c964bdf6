package io.quarterdeck.node.server.streams;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The server's half of an opened WebSocket (RFC 6455): whole messages in, whole messages out. One reader; writers may be
 * several.
 */
public final class WebSocketConnection {

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int MAX_MESSAGE = 4 << 20;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int NORMAL = 1000;

    private final DataInputStream in;
    private final OutputStream out;
    private boolean closeSent;

    public WebSocketConnection(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /** The answer to a client's {@code Sec-WebSocket-Key}. */
    public static String accept(String key) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** The next message's payload, or null when the client has closed. Answers pings meanwhile. */
    public byte @Nullable [] read() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        while (true) {
            int first;
            try {
                first = in.readUnsignedByte();
            } catch (EOFException e) {
                return null;
            }
            int second = in.readUnsignedByte();
            long length = second & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            if (length < 0 || length + message.size() > MAX_MESSAGE || (second & 0x80) == 0) {
                close(PROTOCOL_ERROR);
                throw new IOException("malformed WebSocket frame");
            }
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes((int) length);
            if (payload.length < length) {
                return null;
            }
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
            switch (first & 0x0f) {
                case CONTINUATION, TEXT, BINARY -> {
                    message.writeBytes(payload);
                    if ((first & 0x80) != 0) {
                        return message.toByteArray();
                    }
                }
                case PING -> frame(PONG, payload, 0, payload.length);
                case PONG -> {}
                case CLOSE -> {
                    close(NORMAL);
                    return null;
                }
                default -> {
                    close(PROTOCOL_ERROR);
                    throw new IOException("unknown WebSocket frame");
                }
            }
        }
    }

    public void writeBinary(byte[] payload, int offset, int length) throws IOException {
        frame(BINARY, payload, offset, length);
    }

    public void writeText(String text) throws IOException {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        frame(TEXT, payload, 0, payload.length);
    }

    private synchronized void frame(int opcode, byte[] payload, int offset, int length) throws IOException {
        if (closeSent) {
            return;
        }
        byte[] header;
        if (length < 126) {
            header = new byte[] {(byte) (0x80 | opcode), (byte) length};
        } else if (length < 65536) {
            header = new byte[] {(byte) (0x80 | opcode), 126, (byte) (length >> 8), (byte) length};
        } else {
            header = new byte[] {
                (byte) (0x80 | opcode),
                127,
                0,
                0,
                0,
                0,
                (byte) (length >> 24),
                (byte) (length >> 16),
                (byte) (length >> 8),
                (byte) length
            };
        }
        out.write(header);
        out.write(payload, offset, length);
        out.flush();
    }

    /** All is said. */
    public void close() {
        close(NORMAL);
    }

    private synchronized void close(int code) {
        try {
            frame(CLOSE, new byte[] {(byte) (code >> 8), (byte) code}, 0, 2);
        } catch (IOException alreadyGone) {
            // Closed is closed.
        }
        closeSent = true;
    }

    /** The messages' payloads as one stream of bytes. */
    public InputStream asInput() {
        return new InputStream() {
            private byte[] current = new byte[0];
            private int position;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (length == 0) {
                    return 0;
                }
                while (position == current.length) {
                    byte[] next = WebSocketConnection.this.read();
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
        };
    }

    /** Each write is one message. */
    public OutputStream asOutput() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                writeBinary(bytes, offset, length);
            }
        };
    }
}
