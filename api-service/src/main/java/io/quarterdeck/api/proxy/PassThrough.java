package io.quarterdeck.api.proxy;

import io.quarterdeck.api.callout.TlsFailures;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.model.StatusException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one exchange to a target and its answer back: plain answers as they come, upgraded connections byte for byte,
 * but only once the target has answered 101. Thread-safe; each call uses a connection of its own.
 */
final class PassThrough {

    private static final Logger log = LoggerFactory.getLogger(PassThrough.class);
    private static final int BUFFER = 32 * 1024;
    private static final int MAX_REFUSAL = 50_000;

    /** Credentials end here, and so does what belongs to one hop. */
    private static final Set<String> NOT_FORWARDED = Set.of(
            "authorization",
            "connection",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-uri",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private static final Set<String> NOT_RETURNED =
            Set.of("connection", "content-length", "keep-alive", "transfer-encoding", "audit-id", "cache-control");

    private final KubeletTrust trust;
    private final Duration connectTimeout;

    PassThrough(KubeletTrust trust, Duration connectTimeout) {
        this.trust = trust;
        this.connectTimeout = connectTimeout;
    }

    private record Head(int status, List<String[]> headers) {
        String header(String name) {
            for (String[] header : headers) {
                if (header[0].equalsIgnoreCase(name)) {
                    return header[1];
                }
            }
            return "";
        }
    }

    /** What a client is told instead of the peer's refusal. */
    interface Refusal {
        StatusException of(int status, String body);
    }

    /** @param unreachable what the client is told when there is no connection, before the reason */
    void carry(Exchange exchange, Target target, String unreachable) throws IOException {
        carry(exchange, target, unreachable, null);
    }

    /** @param refusal for answers other than 2xx; null to hand them on as they are */
    void carry(Exchange exchange, Target target, String unreachable, @Nullable Refusal refusal) throws IOException {
        boolean upgrade = exchange.header("Connection").toLowerCase(Locale.ROOT).contains("upgrade")
                && !exchange.header("Upgrade").isEmpty();
        Socket socket;
        try {
            socket = connect(target);
        } catch (IOException e) {
            log.debug("no connection to {}: {}", target.authority(), e.toString());
            throw StatusException.unavailable(unreachable + reason(target, String.valueOf(e.getMessage())));
        }
        boolean handedOver = false;
        try {
            InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), BUFFER);
            send(exchange, target, upgrade, out);
            Head head = readHead(in);
            while (head.status() >= 100 && head.status() < 200 && head.status() != 101) {
                head = readHead(in);
            }
            if (head.status() == 101 && upgrade) {
                handedOver = true;
                exchange.upgrade(
                        returned(head, true), (fromClient, toClient) -> tunnel(socket, in, out, fromClient, toClient));
                return;
            }
            if ((target.peer() != null || upgrade)
                    && head.status() >= 300
                    && head.status() <= 399
                    && !head.header("Location").isEmpty()) {
                exchange.answerText(502, "the backend attempted to redirect this request, which is not permitted");
                return;
            }
            if (refusal != null && (head.status() < 200 || head.status() > 299)) {
                byte[] text = body(head, in).readNBytes(MAX_REFUSAL);
                throw refusal.of(head.status(), new String(text, StandardCharsets.UTF_8).stripTrailing());
            }
            answer(exchange, head, in);
        } finally {
            if (!handedOver) {
                socket.close();
            }
        }
    }

    private static String reason(Target target, String why) {
        boolean whole = why.startsWith("dial tcp: ") || why.startsWith("tls: ") || why.startsWith("http: ");
        return whole ? why : "dial tcp %s: %s".formatted(target.authority(), why);
    }

    /** An answer that was read whole. */
    record Fetched(int status, byte[] body) {}

    /**
     * Gets a document on this server's own account.
     *
     * @throws IOException when there is no answer in time, or a larger one
     */
    Fetched fetch(Target target, String accept, int timeoutMillis, int maxBytes) throws IOException {
        try (Socket socket = connect(target)) {
            socket.setSoTimeout(timeoutMillis);
            StringBuilder head = new StringBuilder("GET " + target.path() + " HTTP/1.1\r\n");
            head.append("Host: ").append(target.authority()).append("\r\n");
            head.append("Accept: ").append(accept).append("\r\nConnection: close\r\n");
            if (target.peer() != null) {
                target.peer()
                        .headers()
                        .forEach(header -> head.append(header[0])
                                .append(": ")
                                .append(header[1])
                                .append("\r\n"));
            }
            OutputStream out = socket.getOutputStream();
            out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
            Head answered = readHead(in);
            byte[] body = body(answered, in).readNBytes(maxBytes + 1);
            if (body.length > maxBytes) {
                throw new IOException("the answer is too large");
            }
            return new Fetched(answered.status(), body);
        } catch (StatusException malformed) {
            throw new IOException(malformed.text());
        }
    }

    private Socket connect(Target target) throws IOException {
        Socket plain = new Socket();
        try {
            plain.setTcpNoDelay(true);
            plain.setKeepAlive(true);
            InetSocketAddress address = new InetSocketAddress(target.host(), target.port());
            if (address.isUnresolved()) {
                throw new UnknownHostException("dial tcp: lookup %s: no such host".formatted(target.host()));
            }
            plain.connect(address, (int) connectTimeout.toMillis());
            if (!target.tls()) {
                return plain;
            }
            Target.Peer peer = target.peer();
            String name = peer == null || peer.serverName().isEmpty() ? target.host() : peer.serverName();
            SSLSocket secure = (SSLSocket) (peer == null ? trust.context(target.judged()) : peer.tls())
                    .getSocketFactory()
                    .createSocket(plain, name, target.port(), true);
            if (target.judged()) {
                SSLParameters parameters = secure.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                secure.setSSLParameters(parameters);
            }
            try {
                secure.startHandshake();
            } catch (SSLException e) {
                throw new IOException(TlsFailures.text(e, name, Instant.now()), e);
            }
            return secure;
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            plain.close();
            throw e instanceof IOException io ? io : new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void send(Exchange exchange, Target target, boolean upgrade, OutputStream out) throws IOException {
        StringBuilder head = new StringBuilder();
        head.append(exchange.method()).append(' ').append(target.path()).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(target.authority()).append("\r\n");
        Set<String> ofThisHop = namedByConnection(exchange);
        for (String name : exchange.headerNames()) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!NOT_FORWARDED.contains(lower)
                    && !ofThisHop.contains(lower)
                    && !lower.startsWith("impersonate-")
                    && !lower.startsWith("x-remote-")
                    && !lower.startsWith(":")) {
                for (String value : exchange.headers(name)) {
                    String forwarded = lower.equals("sec-websocket-protocol") ? withoutBearer(value) : value;
                    head.append(name).append(": ").append(forwarded).append("\r\n");
                }
            }
        }
        if (target.peer() != null) {
            target.peer()
                    .headers()
                    .forEach(header -> head.append(header[0])
                            .append(": ")
                            .append(header[1])
                            .append("\r\n"));
        }
        String length = exchange.header("Content-Length");
        boolean hasBody =
                !length.isEmpty() || !exchange.header("Transfer-Encoding").isEmpty();
        boolean chunked = hasBody && length.isEmpty();
        List<String> before = exchange.headers("X-Forwarded-For");
        head.append("X-Forwarded-For: ")
                .append(before.isEmpty() ? "" : String.join(", ", before) + ", ")
                .append(exchange.remoteAddress())
                .append("\r\n");
        if (target.peer() != null) {
            head.append("X-Forwarded-Host: ").append(target.authority()).append("\r\n");
            head.append("X-Forwarded-Proto: https\r\n");
            head.append("X-Forwarded-Uri: ")
                    .append(target.path().split("\\?", 2)[0])
                    .append("\r\n");
        }
        if (upgrade) {
            head.append("Connection: Upgrade\r\nUpgrade: ")
                    .append(exchange.header("Upgrade"))
                    .append("\r\n");
        } else {
            head.append("Connection: close\r\n");
        }
        if (hasBody) {
            head.append(chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + length + "\r\n");
        } else if (exchange.method().equals("POST") || exchange.method().equals("PUT")) {
            head.append("Content-Length: 0\r\n");
        }
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        if (hasBody) {
            InputStream body = exchange.bodyStream();
            byte[] buffer = new byte[BUFFER];
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                if (chunked && n > 0) {
                    out.write((Integer.toHexString(n) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                }
                out.write(buffer, 0, n);
                if (chunked && n > 0) {
                    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            }
            if (chunked) {
                out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
        out.flush();
    }

    /** What a client names in Connection ends here, too. */
    private static Set<String> namedByConnection(Exchange exchange) {
        Set<String> names = new HashSet<>();
        for (String value : exchange.headers("Connection")) {
            for (String name : value.split(",")) {
                names.add(name.trim().toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    /** A browser's token travels as a subprotocol; it is for this server alone. */
    private static String withoutBearer(String protocols) {
        List<String> kept = new ArrayList<>();
        for (String protocol : protocols.split(",")) {
            if (!protocol.trim().startsWith("base64url.bearer.authorization.k8s.io.")) {
                kept.add(protocol.trim());
            }
        }
        return String.join(", ", kept);
    }

    private static Head readHead(InputStream in) throws IOException {
        String first = ChunkedInput.line(in);
        String[] parts = first.split(" ", 3);
        if (parts.length < 2 || !parts[0].startsWith("HTTP/1")) {
            throw StatusException.unavailable("error trying to reach service: malformed HTTP response");
        }
        List<String[]> headers = new ArrayList<>();
        for (String line = ChunkedInput.line(in); !line.isEmpty(); line = ChunkedInput.line(in)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.add(new String[] {
                    line.substring(0, colon), line.substring(colon + 1).trim()
                });
            }
        }
        try {
            return new Head(Integer.parseInt(parts[1]), headers);
        } catch (NumberFormatException e) {
            throw StatusException.unavailable("error trying to reach service: malformed HTTP status code");
        }
    }

    private static List<String[]> returned(Head head, boolean upgraded) {
        return head.headers().stream()
                .filter(header -> {
                    String lower = header[0].toLowerCase(Locale.ROOT);
                    return upgraded ? !lower.equals("content-length") : !NOT_RETURNED.contains(lower);
                })
                .toList();
    }

    private static void answer(Exchange exchange, Head head, InputStream in) throws IOException {
        String type = head.header("Content-Type");
        returned(head, false).stream()
                .filter(header -> !header[0].equalsIgnoreCase("Content-Type"))
                .forEach(header -> exchange.addHeader(header[0], header[1]));
        exchange.start(head.status(), type.isEmpty() ? "text/plain" : type);
        if (exchange.method().equals("HEAD") || head.status() == 204 || head.status() == 304) {
            return;
        }
        InputStream body = body(head, in);
        OutputStream out = exchange.output();
        byte[] buffer = new byte[BUFFER];
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            out.write(buffer, 0, n);
            // Logs are followed by people: what came is shown, unless more is already there.
            if (in.available() == 0) {
                out.flush();
            }
        }
    }

    private static InputStream body(Head head, InputStream in) {
        if (head.header("Transfer-Encoding").toLowerCase(Locale.ROOT).contains("chunked")) {
            return new ChunkedInput(in);
        }
        String length = head.header("Content-Length");
        if (length.isEmpty()) {
            return in;
        }
        long bytes = Long.parseLong(length);
        return bytes == 0 ? new ByteArrayInputStream(new byte[0]) : new Bounded(in, bytes);
    }

    private static final class Bounded extends InputStream {
        private final InputStream in;
        private long left;

        Bounded(InputStream in, long left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            if (left == 0) {
                return -1;
            }
            left--;
            return in.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = in.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(read, 0);
            return read;
        }
    }

    /** Until either side ends; the other is then closed. */
    private static void tunnel(
            Socket socket, InputStream fromTarget, OutputStream toTarget, InputStream fromClient, OutputStream toClient)
            throws IOException {
        Thread back = Thread.ofVirtual().start(() -> {
            try {
                copy(fromTarget, toClient);
            } catch (IOException e) {
                log.debug("tunnel from {} ended: {}", socket.getRemoteSocketAddress(), e.toString());
            } finally {
                closeQuietly(toClient);
                closeQuietly(fromClient);
            }
        });
        try {
            copy(fromClient, toTarget);
            // The client has said all; the answer may still be on its way.
            if (!(socket instanceof SSLSocket)) {
                socket.shutdownOutput();
            }
            back.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            socket.close();
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            out.flush();
        }
    }

    private static void closeQuietly(AutoCloseable stream) {
        try {
            stream.close();
        } catch (Exception alreadyGone) {
            // nothing is left to say to it
        }
    }
}
