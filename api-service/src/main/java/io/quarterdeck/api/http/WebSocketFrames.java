package io.quarterdeck.api.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** A watch over WebSocket: each event is one text message. Source: RFC 6455; upstream's watch over WebSocket. */
final class WebSocketFrames {

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int TEXT = 0x81;
    private static final int CLOSE = 0x88;

    private WebSocketFrames() {}

    /** Writes a stream of lines; may throw when the client is gone. */
    interface Source {
        void write(OutputStream lines) throws IOException;
    }

    static boolean asked(Exchange exchange) {
        return exchange.header("Upgrade").toLowerCase(Locale.ROOT).equals("websocket")
                && exchange.header("Connection").toLowerCase(Locale.ROOT).contains("upgrade")
                && !exchange.header("Sec-WebSocket-Key").isEmpty();
    }

    static void accept(Exchange exchange, Source source) throws IOException {
        exchange.upgrade(
                List.of(new String[] {"Upgrade", "websocket"}, new String[] {"Connection", "Upgrade"}, new String[] {
                    "Sec-WebSocket-Accept", answer(exchange.header("Sec-WebSocket-Key"))
                }),
                (in, out) -> {
                    Thread listener = Thread.ofVirtual().start(() -> drain(in, out));
                    try {
                        source.write(new Messages(out));
                        out.write(new byte[] {(byte) CLOSE, 0});
                        out.flush();
                    } finally {
                        listener.interrupt();
                    }
                });
    }

    private static String answer(String key) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A watcher has nothing to say; its end is the end of the stream. */
    private static void drain(InputStream in, OutputStream out) {
        try (out) {
            byte[] buffer = new byte[512];
            int length = in.read(buffer);
            while (length >= 0 && (buffer[0] & 0xf) != (CLOSE & 0xf)) {
                length = in.read(buffer);
            }
        } catch (IOException gone) {
            // the stream is over either way
        }
    }

    private static final class Messages extends OutputStream {
        private final OutputStream out;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Messages(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            if (b == '\n') {
                message();
            } else {
                line.write(b);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int from = offset;
            for (int i = offset; i < offset + length; i++) {
                if (bytes[i] == '\n') {
                    line.write(bytes, from, i - from);
                    from = i + 1;
                    message();
                }
            }
            line.write(bytes, from, offset + length - from);
        }

        private void message() throws IOException {
            int length = line.size();
            out.write(TEXT);
            if (length < 126) {
                out.write(length);
            } else if (length < 65536) {
                out.write(126);
                out.write(length >>> 8);
                out.write(length);
            } else {
                out.write(127);
                for (int shift = 56; shift >= 0; shift -= 8) {
                    out.write((int) ((long) length >>> shift));
                }
            }
            line.writeTo(out);
            line.reset();
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
