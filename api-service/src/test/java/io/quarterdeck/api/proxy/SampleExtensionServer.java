package io.quarterdeck.api.proxy;

import io.quarterdeck.api.http.KeyFiles;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.KeyedCertificate;
import io.quarterdeck.pki.Pem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A small API server of another vendor: group {@code wardle.example.com}, resource {@code flunders}. It believes only who
 * shows the front proxy's certificate, and remembers what it was asked.
 */
final class SampleExtensionServer implements AutoCloseable {

    static final String GROUP = "wardle.example.com";
    private static final String BASE = "/apis/" + GROUP + "/v1alpha1";
    private static final String RESOURCES = """
            {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"%s/v1alpha1","resources":[
            {"name":"flunders","singularName":"flunder","namespaced":true,"kind":"Flunder","verbs":["create","get","list","watch"],"shortNames":["fl"]},
            {"name":"flunders/status","singularName":"","namespaced":true,"kind":"Flunder","verbs":["get"]}]}
            """.formatted(GROUP);
    private static final String OPENAPI_V2 = """
            {"swagger":"2.0","paths":{"%s/flunders":{"get":{"operationId":"listFlunders"}},"/apis/other":{}},
            "definitions":{"example.wardle.Flunder":{"type":"object"}}}
            """.formatted(BASE);

    /** Head of a request, headers as {@code name: value} with the name in lower case. */
    record Asked(String method, String path, List<String> headers, String body) {
        List<String> header(String name) {
            return headers.stream()
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .toList();
        }
    }

    final ConcurrentLinkedQueue<Asked> asked = new ConcurrentLinkedQueue<>();
    private final SSLServerSocket socket;
    private final Thread acceptor;

    SampleExtensionServer(KeyedCertificate identity, Path frontProxyAuthority, int port)
            throws GeneralSecurityException, IOException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(
                "key", identity.key(), KeyFiles.PASSWORD.toCharArray(), new Certificate[] {identity.certificate()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, KeyFiles.PASSWORD.toCharArray());
        KeyStore believed = KeyStore.getInstance("PKCS12");
        believed.load(null, null);
        believed.setCertificateEntry("front", Pem.certificate(CertificateFiles.read(frontProxyAuthority)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(believed);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
        socket = (SSLServerSocket)
                tls.getServerSocketFactory().createServerSocket(port, 50, InetAddress.getLoopbackAddress());
        socket.setNeedClientAuth(true);
        acceptor = Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            OutputStream out = connection.getOutputStream();
            String[] first = ChunkedInput.line(in).split(" ");
            List<String> headers = new ArrayList<>();
            int length = 0;
            for (String line = ChunkedInput.line(in); !line.isEmpty(); line = ChunkedInput.line(in)) {
                int colon = line.indexOf(':');
                String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
                String value = line.substring(colon + 1).strip();
                headers.add(name + ": " + value);
                if (name.equals("content-length")) {
                    length = Integer.parseInt(value);
                }
            }
            Asked request =
                    new Asked(first[0], first[1], headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
            asked.add(request);
            answer(request, in, out);
        } catch (IOException gone) {
            // the caller has gone
        }
    }

    private void answer(Asked request, InputStream in, OutputStream out) throws IOException {
        String path = request.path();
        if (!request.header("upgrade").isEmpty()) {
            if (path.contains("refuse")) {
                write(out, "403 Forbidden", "no upgrade here");
                return;
            }
            out.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            byte[] buffer = new byte[1024];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
            }
        } else if (path.equals(BASE)) {
            write(out, "200 OK", RESOURCES);
        } else if (path.equals("/openapi/v2")) {
            write(out, "200 OK", OPENAPI_V2);
        } else if (path.equals("/openapi/v3")) {
            write(
                    out,
                    "200 OK",
                    "{\"paths\":{\"apis/%s/v1alpha1\":{\"serverRelativeURL\":\"/openapi/v3/apis/%s/v1alpha1?hash=ABC\"}}}"
                            .formatted(GROUP, GROUP));
        } else if (path.startsWith("/openapi/v3/apis/" + GROUP)) {
            write(out, "200 OK", "{\"openapi\":\"3.0.0\",\"paths\":{\"%s/flunders\":{}}}".formatted(BASE));
        } else if (path.contains("/hangup")) {
            return;
        } else if (path.contains("/cut")) {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"kind\":"
                    .getBytes(StandardCharsets.US_ASCII));
        } else if (path.contains("/redirect")) {
            out.write("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/stolen\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        } else if (path.contains("watch=")) {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 3; i++) {
                String frame = "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Flunder\",\"n\":" + i + "}}\n";
                out.write((Integer.toHexString(frame.length()) + "\r\n" + frame + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } else {
            write(out, "200 OK", "{\"kind\":\"FlunderList\",\"apiVersion\":\"" + GROUP + "/v1alpha1\",\"items\":[]}");
        }
        out.flush();
    }

    private static void write(OutputStream out, String status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        out.write(("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
    }

    /** Returns when nobody is accepted any more: a waiting accept may still take one behind the close of its socket. */
    @Override
    public void close() throws IOException {
        socket.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
