package io.quarterdeck.system.faults;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** One kept HTTP/1.1 connection over TLS to a server of this machine, with as little client as will do. */
final class LeanConnection implements AutoCloseable {

    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 45_000;
    private static final SSLSocketFactory TLS = factory();

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final String token;
    private int chunk;
    private boolean chunked;

    record Answer(int status, byte[] body) {}

    private LeanConnection(Socket socket, String token) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
        this.out = socket.getOutputStream();
        this.token = token;
    }

    static LeanConnection to(int port, String token) throws IOException {
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress("127.0.0.1", port), CONNECT_MILLIS);
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(READ_MILLIS);
            return new LeanConnection(TLS.createSocket(plain, "127.0.0.1", port, true), token);
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    /** Nobody is deceived: the server was started by the test. */
    private static SSLSocketFactory factory() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            X509TrustManager anyone = new X509TrustManager() {
                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type) {}

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            };
            context.init(null, new TrustManager[] {anyone}, new SecureRandom());
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void send(String method, String path, String type, String body) throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token
                + "\r\nAccept: application/json\r\n"
                + (content.length == 0
                        ? ""
                        : "Content-Type: application/" + type + "\r\nContent-Length: " + content.length + "\r\n")
                + "\r\n";
        byte[] start = head.getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[start.length + content.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(content, 0, all, start.length, content.length);
        out.write(all);
        out.flush();
    }

    Answer ask(String method, String path, String type, String body) throws IOException {
        send(method, path, type, body);
        int[] length = {0};
        int status = head(length);
        if (!chunked) {
            byte[] content = in.readNBytes(length[0]);
            if (content.length < length[0]) {
                throw new EOFException();
            }
            return new Answer(status, content);
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (int next = next(); next >= 0; next = next()) {
            content.write(next);
        }
        return new Answer(status, content.toByteArray());
    }

    /** Sends a request whose answer is a stream of lines; answers the status. */
    int open(String path) throws IOException {
        send("GET", path, "", "");
        return head(new int[1]);
    }

    /** The next line of a stream, null at its end. */
    byte @Nullable [] line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        for (int next = next(); next >= 0; next = next()) {
            if (next == '\n') {
                return line.toByteArray();
            }
            line.write(next);
        }
        return null;
    }

    private int head(int[] length) throws IOException {
        String status = text();
        if (!status.startsWith("HTTP/1.1 ")) {
            throw new IOException("no answer: " + status);
        }
        chunked = false;
        chunk = 0;
        for (String line = text(); !line.isEmpty(); line = text()) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length[0] = Integer.parseInt(lower.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
                chunked = true;
            }
        }
        return Integer.parseInt(status.substring(9, 12));
    }

    private String text() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    /** The next byte of a chunked body, -1 at its end. */
    private int next() throws IOException {
        if (chunk == 0) {
            String size = text();
            chunk = Integer.parseInt(size.isEmpty() ? text() : size, 16);
            if (chunk == 0) {
                text();
                return -1;
            }
        }
        chunk--;
        int next = in.read();
        if (next < 0) {
            throw new EOFException();
        }
        return next;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone, which is what was wanted.
        }
    }
}
