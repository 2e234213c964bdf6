package io.quarterdeck.system.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 over TLS that changes nothing in what it sends, unlike any client library. One request at a time. */
final class Wire implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final URI server;
    private final String token;
    private final SSLContext trust;
    private @Nullable Socket socket;
    private @Nullable InputStream in;

    Wire(URI server, String token, SSLContext trust) {
        this.server = server;
        this.token = token;
        this.trust = trust;
    }

    /** Sends once more over a new connection when the server had closed the kept one. */
    Answer send(Request request) throws IOException {
        boolean kept = socket != null;
        try {
            return sendOnce(request);
        } catch (IOException e) {
            close();
            if (!kept) {
                throw e;
            }
            return sendOnce(request);
        }
    }

    private Answer sendOnce(Request request) throws IOException {
        long start = System.nanoTime();
        Socket connection = socket;
        InputStream input = in;
        if (connection == null || input == null) {
            connection = trust.getSocketFactory().createSocket(server.getHost(), server.getPort());
            connection.setSoTimeout(PATIENCE_MILLIS);
            connection.setTcpNoDelay(true);
            input = new BufferedInputStream(connection.getInputStream());
            socket = connection;
            in = input;
        }
        StringBuilder head = new StringBuilder(request.method() + " " + request.target() + " HTTP/1.1\r\n")
                .append("Host: ")
                .append(server.getAuthority())
                .append("\r\n")
                .append("Content-Length: ")
                .append(request.body().length)
                .append("\r\n");
        if (!request.headers().containsKey("Authorization")) {
            head.append("Authorization: Bearer ").append(token).append("\r\n");
        }
        request.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        message.writeBytes(request.body());
        try {
            connection.getOutputStream().write(message.toByteArray());
            connection.getOutputStream().flush();
        } catch (IOException e) {
            // A server may answer and close before it has read all; the answer, if any, is what counts.
        }
        return answer(input, request.method(), start);
    }

    private Answer answer(InputStream input, String method, long start) throws IOException {
        String first = line(input);
        String[] words = first.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
            throw new IOException("no HTTP answer: " + first);
        }
        int status = Integer.parseInt(words[1]);
        Map<String, String> headers = new HashMap<>();
        for (String header = line(input); !header.isEmpty(); header = line(input)) {
            int colon = header.indexOf(':');
            headers.merge(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip(),
                    (left, right) -> left + ", " + right);
        }
        byte[] body;
        if (method.equals("HEAD") || status == 204 || status == 304) {
            body = new byte[0];
        } else if (headers.getOrDefault("transfer-encoding", "").contains("chunked")) {
            body = chunks(input);
        } else if (headers.containsKey("content-length")) {
            body = exactly(input, Integer.parseInt(headers.get("content-length")));
        } else {
            body = input.readAllBytes();
            close();
        }
        if (headers.getOrDefault("connection", "").equalsIgnoreCase("close") || status == 101) {
            close();
        }
        return new Answer(status, headers, body, (System.nanoTime() - start) / 1_000_000);
    }

    private static byte[] chunks(InputStream input) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(input).strip(), 16);
                size > 0;
                size = Integer.parseInt(line(input).strip(), 16)) {
            body.writeBytes(exactly(input, size));
            line(input);
        }
        line(input);
        return body.toByteArray();
    }

    private static byte[] exactly(InputStream input, int length) throws IOException {
        byte[] bytes = input.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the answer's body ended early");
        }
        return bytes;
    }

    private static String line(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended after: " + line);
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        Socket connection = socket;
        socket = null;
        in = null;
        if (connection != null) {
            try {
                connection.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }
}
