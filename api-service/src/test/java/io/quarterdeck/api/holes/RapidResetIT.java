package io.quarterdeck.api.holes;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.callout.ClientTls;
import io.quarterdeck.api.testing.RunningApi;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be done to a server by HTTP/2 alone: CVE-2023-44487, requests that are taken back at once, and the like. */
class RapidResetIT {

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END = 0x5;
    private static final int ENHANCE_YOUR_CALM = 0xb;

    @TempDir
    static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws IOException {
        api = RunningApi.start(directory);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    /** Frames by hand: no client library sends what is sent here. */
    private static final class Connection implements AutoCloseable {

        private final SSLSocket socket;
        private final OutputStream out;
        private final DataInputStream in;
        private int stream = -1;

        Connection() throws IOException {
            socket = (SSLSocket) ClientTls.unjudging(null, null)
                    .getSocketFactory()
                    .createSocket("127.0.0.1", api.root().getPort());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(30_000);
            out = socket.getOutputStream();
            in = new DataInputStream(socket.getInputStream());
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            frame(SETTINGS, 0, 0, new byte[0]);
            out.flush();
        }

        private void frame(int type, int flags, int onStream, byte[] payload) throws IOException {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(payload.length >> 16);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
            frame.write(type);
            frame.write(flags);
            for (int shift = 24; shift >= 0; shift -= 8) {
                frame.write(onStream >> shift);
            }
            frame.writeBytes(payload);
            out.write(frame.toByteArray());
        }

        private static void text(ByteArrayOutputStream into, String text) {
            into.write(text.length());
            into.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }

        int ask(String path) throws IOException {
            return begin(0x82, path, END); // :method GET
        }

        /** A request whose body begins and never ends; smaller frames would count as abuse. */
        void beginBody(String path) throws IOException {
            int begun = begin(0x83, path, END & ~1); // :method POST
            byte[] blanks = new byte[1024];
            Arrays.fill(blanks, (byte) ' ');
            frame(DATA, 0, begun, blanks);
        }

        private int begin(int method, String path, int flags) throws IOException {
            ByteArrayOutputStream headers = new ByteArrayOutputStream();
            headers.write(method);
            headers.write(0x87); // :scheme https
            headers.write(0x04); // :path
            text(headers, path);
            headers.write(0x01); // :authority
            text(headers, "localhost");
            headers.write(0x0f); // authorization
            headers.write(0x08);
            text(headers, "Bearer " + RunningApi.ADMIN);
            stream += 2;
            frame(HEADERS, flags, stream, headers.toByteArray());
            return stream;
        }

        void takeBack(int asked) throws IOException {
            frame(RST_STREAM, 0, asked, new byte[] {0, 0, 0, 8});
        }

        /** Reads on until {@code wanted} ends. */
        void awaitEnd(int wanted) throws IOException {
            out.flush();
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int onStream = in.readInt();
                byte[] payload = in.readNBytes(length);
                assertThat(type)
                        .as(() -> "what ends the connection: " + new String(payload, StandardCharsets.ISO_8859_1))
                        .isNotEqualTo(GOAWAY);
                if (onStream == wanted && (type == DATA || type == HEADERS) && (flags & 1) != 0) {
                    return;
                }
            }
        }

        /** The reason why the server ends the connection. */
        int awaitEnding() throws IOException {
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                in.readUnsignedByte();
                in.readInt();
                if (type == GOAWAY) {
                    in.readInt();
                    return in.readInt();
                }
                in.skipNBytes(length);
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void whoTakesBackEverythingIsCutOff() throws Exception {
        try (Connection attacker = new Connection()) {
            CompletableFuture<Integer> ending = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    ending.complete(attacker.awaitEnding());
                } catch (IOException e) {
                    ending.completeExceptionally(e);
                }
            });
            try {
                for (int i = 0; i < 10_000 && !ending.isDone(); i++) {
                    attacker.takeBack(attacker.ask("/api/v1/namespaces"));
                }
            } catch (IOException closed) {
                // That is what is asked for.
            }
            assertThat(ending.get(30, TimeUnit.SECONDS)).isEqualTo(ENHANCE_YOUR_CALM);
        }
        assertThat(api.get("/livez", RunningApi.ADMIN).statusCode()).isEqualTo(200);
    }

    /** A kilobyte each of 1,500 bodies: with two buffers of a megabyte for each they took the whole memory. */
    @Test
    void bodiesThatNeverEndTakeLittle() throws IOException {
        List<Connection> connections = new ArrayList<>();
        try {
            for (int i = 0; i < 25; i++) {
                Connection connection = new Connection();
                connections.add(connection);
                for (int j = 0; j < 60; j++) {
                    connection.beginBody("/api/v1/namespaces");
                }
                connection.awaitEnd(connection.ask("/version"));
            }
            assertThat(api.get("/livez", RunningApi.ADMIN).statusCode()).isEqualTo(200);
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    @Test
    void whoHasWorkedMayCancelManyWatches() throws IOException {
        try (Connection client = new Connection()) {
            for (int i = 0; i < 20; i++) {
                client.awaitEnd(client.ask("/version"));
            }
            int[] watches = new int[300];
            for (int i = 0; i < watches.length; i++) {
                watches[i] = client.ask("/api/v1/pods?watch=1");
            }
            for (int watch : watches) {
                client.takeBack(watch);
            }
            client.awaitEnd(client.ask("/version"));
        }
    }
}
