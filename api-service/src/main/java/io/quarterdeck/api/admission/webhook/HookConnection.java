package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.callout.ClientTls;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 request over TLS to an address that need not be what the server proves to be: a Service's name stands in the
 * certificate, a pod's address is called. Redirects are answers like any other. Thread-safe; TLS sessions are resumed.
 */
final class HookConnection {

    private static final int LARGEST_ANSWER = 3 << 20;
    private static final int LONGEST_LINE = 8 << 10;

    private final Map<String, SSLContext> contexts = new ConcurrentHashMap<>();

    record Answer(int status, byte[] body) {}

    /**
     * @param host the name that the server has to prove
     * @param authorities PEM; empty for those of the system
     * @throws IOException in Go's words where they are known
     */
    Answer post(
            InetSocketAddress address,
            String host,
            int port,
            String path,
            String authorities,
            byte[] body,
            Duration timeout)
            throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        if (contexts.size() > 1_000) {
            contexts.clear();
        }
        SSLContext context =
                contexts.computeIfAbsent(authorities, pem -> ClientTls.of(pem.isEmpty() ? null : pem, null, null));
        try (Socket plain = new Socket()) {
            connect(plain, address, deadline);
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                remaining(socket, deadline);
                handshake(socket);
                OutputStream out = socket.getOutputStream();
                out.write(head(host, port, path, body.length));
                out.write(body);
                out.flush();
                return read(new TimedInput(new BufferedInputStream(socket.getInputStream()), socket, deadline));
            }
        } catch (SocketTimeoutException e) {
            throw new IOException("context deadline exceeded");
        }
    }

    private static void connect(Socket socket, InetSocketAddress address, long deadline) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("dial tcp: lookup %s: no such host".formatted(address.getHostString()));
        }
        try {
            socket.connect(address, millis(deadline));
        } catch (java.net.ConnectException e) {
            throw new IOException("dial tcp %s:%d: connect: connection refused"
                    .formatted(address.getAddress().getHostAddress(), address.getPort()));
        }
    }

    private static void handshake(SSLSocket socket) throws IOException {
        try {
            socket.startHandshake();
        } catch (SSLException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof CertPathBuilderException) {
                    throw new IOException(
                            "tls: failed to verify certificate: x509: certificate signed by unknown authority");
                }
            }
            throw new IOException("tls: failed to verify certificate: x509: " + e.getMessage());
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
                Content-Type: application/json\r
                Content-Length: %d\r
                Connection: close\r
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

    private static Answer read(InputStream in) throws IOException {
        while (true) {
            String[] status = line(in).split(" ", 3);
            if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("\\d{3}")) {
                throw new IOException("malformed HTTP response");
            }
            int code = Integer.parseInt(status[1]);
            String length = null;
            boolean chunked = false;
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                String name = line.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
                String value = line.substring(colon + 1).strip();
                if (name.equals("content-length")) {
                    length = value;
                } else if (name.equals("transfer-encoding")) {
                    chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
                }
            }
            if (code >= 200) {
                return new Answer(code, chunked ? chunks(in) : plain(in, length));
            }
        }
    }

    private static byte[] plain(InputStream in, @Nullable String length) throws IOException {
        if (length == null) {
            byte[] body = in.readNBytes(LARGEST_ANSWER + 1);
            if (body.length > LARGEST_ANSWER) {
                throw tooLarge();
            }
            return body;
        }
        int wanted = number(length, 10);
        byte[] body = in.readNBytes(wanted);
        if (body.length < wanted) {
            throw new EOFException("unexpected EOF");
        }
        return body;
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = number(line(in).split(";", 2)[0].strip(), 16);
            if (size == 0) {
                return body.toByteArray();
            }
            byte[] chunk = in.readNBytes(size);
            if (chunk.length < size) {
                throw new EOFException("unexpected EOF");
            }
            body.write(chunk);
            if (body.size() > LARGEST_ANSWER) {
                throw tooLarge();
            }
            line(in);
        }
    }

    private static IOException tooLarge() {
        return new IOException("the webhook's answer is too large");
    }

    private static int number(String text, int radix) throws IOException {
        try {
            int number = Integer.parseInt(text, radix);
            if (number >= 0 && number <= LARGEST_ANSWER) {
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
