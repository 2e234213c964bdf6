package io.quarterdeck.api.callout;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 requests over TLS to addresses that need not be what the server proves to be: a Service's name stands in the
 * certificate, a pod's address is called. Redirects are answers like any other. Connections are kept for a while and used
 * again. Thread-safe.
 */
final class WebhookConnection implements AutoCloseable {

    private static final int LONGEST_LINE = 8 << 10;
    private static final int MOST_PEERS = 1_000;
    private static final int MOST_KEPT = 32;
    private static final Duration KEEP = Duration.ofSeconds(30);

    private final Map<String, SSLContext> contexts = new ConcurrentHashMap<>();

    private final Map<Peer, Deque<Kept>> kept = new ConcurrentHashMap<>();

    /**
     * @param contentType as sent; empty when there is none
     * @param encoding of the body; empty when there is none
     */
    record Answer(int status, String contentType, String encoding, byte[] body) {}

    /** Who is at the other end, and by whose word. */
    private record Peer(InetSocketAddress address, String host, String authorities) {}

    /** @param until when it is given up, by the machine's timer; the largest value while it is new */
    private record Kept(SSLSocket socket, BufferedInputStream in, long until) {

        boolean usable() {
            return System.nanoTime() < until && !socket.isClosed();
        }
    }

    /**
     * @param host the name that the server has to prove
     * @param authorities PEM; empty for those of the system
     * @param mostBytes an answer may have
     * @throws UnreadableAuthoritiesException before anybody is called
     * @throws IOException in Go's words where they are known
     */
    Answer post(
            InetSocketAddress address,
            String host,
            int port,
            String path,
            String authorities,
            byte[] body,
            Duration timeout,
            int mostBytes)
            throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        Peer peer = new Peer(address, host, authorities);
        byte[] head = head(host, port, path, body.length);
        try {
            for (Kept before = take(peer); before != null; before = take(peer)) {
                try {
                    return ask(peer, before, head, body, deadline, mostBytes);
                } catch (Stale e) {
                    // The other end gave the connection up meanwhile: another one is tried.
                }
            }
            SSLSocket socket = open(peer, port, deadline);
            Kept fresh = new Kept(socket, new BufferedInputStream(socket.getInputStream()), Long.MAX_VALUE);
            return ask(peer, fresh, head, body, deadline, mostBytes);
        } catch (SocketTimeoutException e) {
            throw new IOException("context deadline exceeded");
        }
    }

    /** A kept connection ended before the first byte of an answer. */
    private static final class Stale extends IOException {

        private static final long serialVersionUID = 1;
    }

    /** Whom to believe is not told in a way that can be read. */
    static final class UnreadableAuthoritiesException extends IOException {

        private static final long serialVersionUID = 1;
    }

    private SSLSocket open(Peer peer, int port, long deadline) throws IOException {
        if (contexts.size() > MOST_PEERS) {
            contexts.clear();
        }
        SSLContext context = context(peer.authorities());
        Socket plain = new Socket();
        try {
            connect(plain, peer.address(), deadline);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, peer.host(), port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.setTcpNoDelay(true);
            remaining(socket, deadline);
            handshake(socket, peer.host());
            return socket;
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    private SSLContext context(String authorities) throws UnreadableAuthoritiesException {
        try {
            return contexts.computeIfAbsent(authorities, pem -> ClientTls.of(pem.isEmpty() ? null : pem, null, null));
        } catch (IllegalArgumentException unreadable) {
            throw new UnreadableAuthoritiesException();
        }
    }

    private Answer ask(Peer peer, Kept connection, byte[] head, byte[] body, long deadline, int mostBytes)
            throws IOException {
        boolean keep = false;
        SSLSocket socket = connection.socket();
        try {
            TimedInput in = new TimedInput(connection.in(), socket, deadline);
            try {
                OutputStream out = socket.getOutputStream();
                out.write(head);
                out.write(body);
                out.flush();
                in.awaitFirst();
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                throw connection.until() == Long.MAX_VALUE ? e : new Stale();
            }
            Response response = read(in, mostBytes);
            keep = response.keeps();
            return response.answer();
        } finally {
            if (keep) {
                keep(peer, new Kept(socket, connection.in(), System.nanoTime() + KEEP.toNanos()));
            } else {
                socket.close();
            }
        }
    }

    private @Nullable Kept take(Peer peer) throws IOException {
        Deque<Kept> waiting = kept.get(peer);
        if (waiting == null) {
            return null;
        }
        for (Kept each = waiting.pollFirst(); each != null; each = waiting.pollFirst()) {
            if (each.usable()) {
                return each;
            }
            each.socket().close();
        }
        return null;
    }

    private void keep(Peer peer, Kept connection) throws IOException {
        if (kept.size() > MOST_PEERS) {
            close();
        }
        Deque<Kept> waiting = kept.computeIfAbsent(peer, key -> new ConcurrentLinkedDeque<>());
        waiting.addFirst(connection);
        while (waiting.size() > MOST_KEPT) {
            Kept oldest = waiting.pollLast();
            if (oldest != null) {
                oldest.socket().close();
            }
        }
    }

    /** Ends what is kept. */
    @Override
    public void close() throws IOException {
        for (Deque<Kept> waiting : kept.values()) {
            for (Kept each = waiting.pollFirst(); each != null; each = waiting.pollFirst()) {
                each.socket().close();
            }
        }
        kept.clear();
    }

    private static void connect(Socket socket, InetSocketAddress address, long deadline) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("dial tcp: lookup %s: no such host".formatted(address.getHostString()));
        }
        try {
            socket.connect(address, millis(deadline));
        } catch (ConnectException e) {
            throw new IOException("dial tcp %s:%d: connect: connection refused"
                    .formatted(address.getAddress().getHostAddress(), address.getPort()));
        }
    }

    private static void handshake(SSLSocket socket, String host) throws IOException {
        try {
            socket.startHandshake();
        } catch (SSLException e) {
            throw new IOException(TlsFailures.text(e, host, Instant.now()), e);
        }
    }

    private static int millis(long deadline) throws SocketTimeoutException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException();
        }
        return (int) Math.min(left, Integer.MAX_VALUE);
    }

    private static void remaining(Socket socket, long deadline) throws IOException {
        socket.setSoTimeout(millis(deadline));
    }

    private static byte[] head(String host, int port, String path, int length) {
        return """
                POST %s HTTP/1.1\r
                Host: %s:%d\r
                User-Agent: kube-apiserver-admission\r
                Accept: application/json, */*\r
                Accept-Encoding: gzip\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """.formatted(path, host.contains(":") ? "[" + host + "]" : host, port, length)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Asks for what is left of the time before every read. */
    private static final class TimedInput extends InputStream {
        private final InputStream in;
        private final Socket socket;
        private final long deadline;

        TimedInput(InputStream in, Socket socket, long deadline) {
            this.in = in;
            this.socket = socket;
            this.deadline = deadline;
        }

        /** Waits until an answer begins. */
        void awaitFirst() throws IOException {
            in.mark(1);
            if (read() < 0) {
                throw new EOFException("EOF");
            }
            in.reset();
        }

        @Override
        public int read() throws IOException {
            remaining(socket, deadline);
            return in.read();
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            remaining(socket, deadline);
            return in.read(into, from, length);
        }
    }

    /** @param keeps whether the connection can be used again */
    private record Response(Answer answer, boolean keeps) {}

    private static Response read(InputStream in, int mostBytes) throws IOException {
        while (true) {
            String[] status = line(in).split(" ", 3);
            if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("\\d{3}")) {
                throw new IOException("malformed HTTP response");
            }
            int code = Integer.parseInt(status[1]);
            String length = null;
            String type = "";
            String encoding = "";
            boolean chunked = false;
            boolean keeps = status[0].equals("HTTP/1.1");
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                String name = line.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
                String value = line.substring(colon + 1).strip();
                if (name.equals("content-length")) {
                    length = value;
                } else if (name.equals("transfer-encoding")) {
                    chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
                } else if (name.equals("content-type")) {
                    type = value;
                } else if (name.equals("content-encoding")) {
                    encoding = value;
                } else if (name.equals("connection")) {
                    keeps = keeps && !value.equalsIgnoreCase("close");
                }
            }
            if (code >= 200) {
                byte[] body = chunked ? chunks(in, mostBytes) : plain(in, length, mostBytes);
                return new Response(new Answer(code, type, encoding, body), keeps && (chunked || length != null));
            }
        }
    }

    private static byte[] plain(InputStream in, @Nullable String length, int mostBytes) throws IOException {
        if (length == null) {
            byte[] body = in.readNBytes(mostBytes + 1);
            if (body.length > mostBytes) {
                throw tooLarge();
            }
            return body;
        }
        int wanted = number(length, 10, mostBytes);
        byte[] body = in.readNBytes(wanted);
        if (body.length < wanted) {
            throw new EOFException("unexpected EOF");
        }
        return body;
    }

    private static byte[] chunks(InputStream in, int mostBytes) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = number(line(in).split(";", 2)[0].strip(), 16, mostBytes);
            if (size == 0) {
                while (!line(in).isEmpty()) {
                    // Trailers say nothing that is needed.
                }
                return body.toByteArray();
            }
            byte[] chunk = in.readNBytes(size);
            if (chunk.length < size) {
                throw new EOFException("unexpected EOF");
            }
            body.write(chunk);
            if (body.size() > mostBytes) {
                throw tooLarge();
            }
            line(in);
        }
    }

    static IOException tooLarge() {
        return new IOException("the webhook's answer is too large");
    }

    private static int number(String text, int radix, int most) throws IOException {
        try {
            int number = Integer.parseInt(text, radix);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IOException("malformed HTTP response", e);
        }
        throw tooLarge();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || line.length() > LONGEST_LINE) {
                throw new EOFException("EOF");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
