package io.quarterdeck.node.probes;

import io.quarterdeck.node.host.AnyCertificate;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * One HTTP GET as probes send it: 200 to 399 is good, redirects within the host are followed, certificates are not
 * verified. Written on a plain socket, because the JDK's clients set the Host header themselves.
 */
final class HttpProbe {

    private static final int MAX_BODY = 10 * 1024;
    private static final int MAX_REDIRECTS = 10;

    record Request(String scheme, String host, int port, String path, Map<String, String> headers) {
        String url() {
            String at = host.contains(":") ? "[" + host + "]" : host;
            return scheme.toLowerCase(Locale.ROOT) + "://" + at + ":" + port + path;
        }
    }

    private HttpProbe() {}

    static Answer get(Request request, Duration timeout) {
        Request next = request;
        try {
            for (int i = 0; i < MAX_REDIRECTS; i++) {
                Response response = send(next, timeout);
                String location = response.headers().get("location");
                if (response.status() >= 300 && response.status() < 400 && location != null) {
                    URI target = URI.create(next.url()).resolve(location);
                    if (!target.getHost().equals(next.host())) {
                        return Answer.success("Probe terminated redirects, Response body: " + response.body());
                    }
                    int port = target.getPort() > 0 ? target.getPort() : "https".equals(target.getScheme()) ? 443 : 80;
                    String path =
                            target.getRawPath() + (target.getRawQuery() == null ? "" : "?" + target.getRawQuery());
                    next = new Request(target.getScheme(), target.getHost(), port, path, request.headers());
                    continue;
                }
                return response.status() >= 200 && response.status() < 400
                        ? Answer.success(response.body())
                        : Answer.failure("HTTP probe failed with statuscode: " + response.status());
            }
            return Answer.failure("Get \"" + request.url() + "\": stopped after 10 redirects");
        } catch (SocketTimeoutException e) {
            return Answer.failure("Get \"" + next.url()
                    + "\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        } catch (ConnectException e) {
            return Answer.failure("Get \"%s\": dial tcp %s:%d: connect: connection refused"
                    .formatted(next.url(), next.host(), next.port()));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            return Answer.failure("Get \"" + next.url() + "\": " + e.getMessage());
        }
    }

    private record Response(int status, Map<String, String> headers, String body) {}

    private static Response send(Request request, Duration timeout) throws IOException, GeneralSecurityException {
        int millis = (int) Math.max(1, timeout.toMillis());
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(request.host(), request.port()), millis);
            plain.setSoTimeout(millis);
            Socket socket = "https".equalsIgnoreCase(request.scheme())
                    ? trusting().getSocketFactory().createSocket(plain, request.host(), request.port(), true)
                    : plain;
            Map<String, String> headers = new LinkedHashMap<>();
            headers.put("Host", request.host() + ":" + request.port());
            headers.put("User-Agent", "kube-probe/1.36");
            headers.put("Accept", "*/*");
            request.headers().forEach((name, value) -> {
                headers.keySet().removeIf(known -> known.equalsIgnoreCase(name));
                headers.put(name, value);
            });
            headers.put("Connection", "close");
            StringBuilder head = new StringBuilder("GET " + request.path() + " HTTP/1.1\r\n");
            headers.forEach((name, value) -> {
                if (!value.isEmpty()) {
                    head.append(name)
                            .append(": ")
                            .append(value.replaceAll("[\r\n]", " "))
                            .append("\r\n");
                }
            });
            socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
            return read(new BufferedInputStream(socket.getInputStream()));
        }
    }

    private static Response read(InputStream in) throws IOException {
        String[] status = line(in).split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/")) {
            throw new IOException("malformed HTTP response");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        int length = MAX_BODY;
        try {
            length = Math.min(length, Integer.parseInt(headers.getOrDefault("content-length", "" + MAX_BODY)));
        } catch (NumberFormatException notANumber) {
            // Read as much as there is.
        }
        String body;
        try {
            body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException cutShort) {
            body = "";
        }
        return new Response(Integer.parseInt(status[1]), headers, body);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("EOF");
            }
            if (b != '\r') {
                line.append((char) b);
            }
            if (line.length() > 64 * 1024) {
                throw new IOException("header too large");
            }
        }
        return line.toString();
    }

    private static SSLContext trusting() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
        return context;
    }
}
