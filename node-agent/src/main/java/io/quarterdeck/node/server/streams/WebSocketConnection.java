package io.quarterdeck.node.server.streams;

import io.quarterdeck.node.host.BulkOutput;
import io.quarterdeck.node.host.MessageInput;
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
        return new MessageInput(this::read);
    }

    /** Each write is one message. */
    public OutputStream asOutput() {
        return new BulkOutput() {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                writeBinary(bytes, offset, length);
            }
        };
    }
}
