package io.quarterdeck.api.proxy;

import io.quarterdeck.api.callout.TlsFailures;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.StatusException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
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
            Set.of("connection", "keep-alive", "transfer-encoding", "audit-id", "cache-control");

    private final KubeletTrust trust;
    private final Duration connectTimeout;

    PassThrough(KubeletTrust trust, Duration connectTimeout) {
        this.trust = trust;
        this.connectTimeout = connectTimeout;
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
            refuse(exchange, target, unreachable + reason(target, String.valueOf(e.getMessage())));
            return;
        }
        boolean handedOver = false;
        try {
            InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), BUFFER);
            AnswerHead head;
            try {
                try {
                    send(exchange, target, upgrade, out);
                } catch (SocketException gone) {
                    log.debug("{} did not listen to the end: {}", target.authority(), gone.toString());
                }
                head = head(socket, in);
            } catch (BrokenAnswerException broken) {
                refuse(exchange, target, unreachable + broken.getMessage());
                return;
            }
            if (head.status() == 101 && !upgrade) {
                refuse(
                        exchange,
                        target,
                        "backend tried to switch protocol %s when \"\" was requested"
                                .formatted(GoQuote.quote(head.header("Upgrade"))));
                return;
            }
            if (head.status() == 101) {
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

    /** The target hung up, or what it said is no answer; the message is Go's. */
    private static final class BrokenAnswerException extends IOException {

        private static final long serialVersionUID = 1;

        BrokenAnswerException(String message) {
            super(message);
        }
    }

    private static AnswerHead head(Socket socket, InputStream in) throws BrokenAnswerException {
        try {
            AnswerHead head = AnswerHead.read(in);
            while (head.status() >= 100 && head.status() < 200 && head.status() != 101) {
                head = AnswerHead.read(in);
            }
            return head;
        } catch (SocketException reset) {
            throw new BrokenAnswerException("read tcp %s->%s: read: connection reset by peer"
                    .formatted(shown(socket.getLocalSocketAddress()), shown(socket.getRemoteSocketAddress())));
        } catch (IOException broken) {
            throw new BrokenAnswerException(String.valueOf(broken.getMessage()));
        }
    }

    private static String shown(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress() + ":" + internet.getPort()
                : String.valueOf(address);
    }

    /** API services' failures are told as plain text, others' as a Status. */
    private static void refuse(Exchange exchange, Target target, String why) throws IOException {
        if (target.peer() == null) {
            throw StatusException.unavailable(why);
        }
        exchange.answerText(503, why + "\n");
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
            AnswerHead answered = AnswerHead.read(in);
            byte[] body = body(answered, in).readNBytes(maxBytes + 1);
            if (body.length > maxBytes) {
                throw new IOException("the answer is too large");
            }
            return new Fetched(answered.status(), body);
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

    private static List<String[]> returned(AnswerHead head, boolean upgraded) {
        // What comes in chunks, or never ends, has no length, whatever it says.
        boolean lengthless = upgraded || head.chunked();
        return head.headers().stream()
                .filter(header -> !lengthless || !header[0].equalsIgnoreCase("Content-Length"))
                .filter(header -> upgraded || !NOT_RETURNED.contains(header[0].toLowerCase(Locale.ROOT)))
                .toList();
    }

    private static void answer(Exchange exchange, AnswerHead head, InputStream in) throws IOException {
        String type = head.header("Content-Type");
        boolean hasBody = head.hasBody(exchange.method());
        returned(head, false).stream()
                .filter(header -> !header[0].equalsIgnoreCase("Content-Type"))
                .forEach(header -> exchange.addHeader(header[0], header[1]));
        exchange.start(head.status(), type.isEmpty() && hasBody ? "text/plain; charset=utf-8" : type);
        if (!hasBody) {
            return;
        }
        InputStream body = body(head, in);
        OutputStream out = exchange.output();
        byte[] buffer = new byte[BUFFER];
        try {
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                out.write(buffer, 0, n);
                // Logs are followed by people: what came is shown, unless more is already there.
                if (in.available() == 0) {
                    out.flush();
                }
            }
        } catch (IOException cut) {
            // Half an answer must not look like a whole one.
            exchange.abort(cut);
            throw cut;
        }
    }

    private static InputStream body(AnswerHead head, InputStream in) {
        if (head.chunked()) {
            return new ChunkedInput(in);
        }
        return head.length() < 0 ? in : new Bounded(in, head.length());
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
            int read = in.read();
            if (read < 0) {
                throw new EOFException("the body ended early");
            }
            left--;
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = in.read(bytes, offset, (int) Math.min(length, left));
            if (read < 0) {
                throw new EOFException("the body ended early");
            }
            left -= read;
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
