package io.quarterdeck.node.server.streams;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Remote command over WebSocket channels: the first byte of a message is the channel. 0 is stdin, 1 stdout, 2 stderr,
 * 3 the status, 4 the terminal's size; in v5, 255 followed by a channel closes that channel.
 */
public final class WebSocketRemoteStreams implements RemoteStreams {

    /** Best first. The base64 forms carry text and their channel is a digit. */
    public static final List<String> PROTOCOLS = List.of(
            "v5.channel.k8s.io",
            "v4.channel.k8s.io",
            "v4.base64.channel.k8s.io",
            "channel.k8s.io",
            "base64.channel.k8s.io");

    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int STATUS = 3;
    private static final int RESIZE = 4;
    private static final int CLOSE = 255;
    private static final int PIPE = 64 * 1024;
    private static final int MAX_SIZES = 64;

    private final WebSocketConnection connection;
    private final boolean base64;
    private final boolean withStatus;
    private final @Nullable PipedOutputStream stdinWriter;
    private final @Nullable PipedInputStream stdin;
    private final BlockingQueue<Optional<Size>> sizes = new LinkedBlockingQueue<>(MAX_SIZES);

    public WebSocketRemoteStreams(
            WebSocketConnection connection, String protocol, boolean stdin, boolean stdout, boolean stderr)
            throws IOException {
        this.connection = connection;
        this.base64 = protocol.contains("base64");
        this.withStatus = protocol.startsWith("v");
        if (stdin) {
            this.stdin = new PipedInputStream(PIPE);
            this.stdinWriter = new PipedOutputStream(this.stdin);
        } else {
            this.stdin = null;
            this.stdinWriter = null;
        }
        // An empty message tells the client that the connection stands.
        send(stdout ? STDOUT : stderr ? STDERR : STATUS, new byte[0], 0, 0);
        Thread.ofVirtual().name("websocket-reader").start(this::readAll);
    }

    private void readAll() {
        try {
            for (byte[] message = connection.read(); message != null; message = connection.read()) {
                if (message.length == 0) {
                    continue;
                }
                byte[] payload = Arrays.copyOfRange(message, 1, message.length);
                int channel = message[0] & 0xff;
                if (base64) {
                    channel -= '0';
                    payload = Base64.getDecoder().decode(payload);
                }
                received(channel, payload);
            }
        } catch (IOException | IllegalArgumentException clientLeft) {
            // As good as a close.
        } finally {
            endStdin();
            sizes.clear();
            sizes.offer(Optional.empty());
        }
    }

    private void received(int channel, byte[] payload) {
        if (channel == STDIN) {
            PipedOutputStream writer = stdinWriter;
            if (writer != null) {
                try {
                    writer.write(payload);
                    writer.flush();
                } catch (IOException notReadAnyMore) {
                    // The process has ended or closed its input; the rest of what is typed goes nowhere.
                }
            }
        } else if (channel == RESIZE) {
            try {
                JsonNode size = JsonMapper.shared().readTree(payload);
                sizes.offer(Optional.of(
                        new Size(size.path("Width").asInt(), size.path("Height").asInt())));
            } catch (JacksonException notASize) {
                // Upstream passes over it, too.
            }
        } else if (channel == CLOSE && payload.length == 1 && payload[0] == STDIN) {
            endStdin();
        }
    }

    private void endStdin() {
        PipedOutputStream writer = stdinWriter;
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException alreadyClosed) {
                // Closed is closed.
            }
        }
    }

    private void send(int channel, byte[] bytes, int offset, int length) throws IOException {
        if (base64) {
            byte[] part = Arrays.copyOfRange(bytes, offset, offset + length);
            connection.writeText((char) ('0' + channel) + Base64.getEncoder().encodeToString(part));
            return;
        }
        byte[] message = new byte[length + 1];
        message[0] = (byte) channel;
        System.arraycopy(bytes, offset, message, 1, length);
        connection.writeBinary(message, 0, message.length);
    }

    private OutputStream channel(int number) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                send(number, new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                send(number, bytes, offset, length);
            }
        };
    }

    @Override
    public Optional<InputStream> stdin() {
        return Optional.ofNullable(stdin);
    }

    @Override
    public OutputStream stdout() {
        return channel(STDOUT);
    }

    @Override
    public OutputStream stderr() {
        return channel(STDERR);
    }

    @Override
    public Optional<Size> nextSize() throws IOException {
        try {
            return sizes.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void finish(String statusJson, Optional<String> plainError) throws IOException {
        String text = withStatus ? statusJson : plainError.orElse("");
        if (!text.isEmpty()) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            send(STATUS, bytes, 0, bytes.length);
        }
        connection.close();
    }
}
