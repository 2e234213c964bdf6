package io.quarterdeck.benchmarks.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * The least that a watch can cost: a process that does nothing but write the same frame to every connection over TLS, from
 * one thread, a write of the system for each. What an API server does per delivery cannot be less, unless several frames
 * share a write.
 */
public final class BareFanOut {

    private static final String PASSWORD = "benchmark";

    private BareFanOut() {}

    /** @param arguments a directory for its key, and frames per second; tells its port in one line */
    public static void main(String[] arguments) throws Exception {
        SSLServerSocket server = (SSLServerSocket)
                tls(Path.of(arguments[0])).getServerSocketFactory().createServerSocket(0, 2_000);
        List<OutputStream> watchers = new CopyOnWriteArrayList<>();
        Thread.ofPlatform().daemon().start(() -> accept(server, watchers));
        System.out.println(server.getLocalPort());
        byte[] frame = frame();
        long pause = (long) (1e9 / Double.parseDouble(arguments[1]));
        for (long due = System.nanoTime(); ; due += pause) {
            LockSupport.parkNanos(due - System.nanoTime());
            for (OutputStream watcher : watchers) {
                try {
                    watcher.write(frame);
                } catch (IOException gone) {
                    return;
                }
            }
        }
    }

    private static byte[] frame() {
        byte[] line = ("{\"type\":\"MODIFIED\",\"object\":\"" + "x".repeat(2_400) + "\"}\n")
                .getBytes(StandardCharsets.US_ASCII);
        String head = Integer.toHexString(line.length) + "\r\n";
        return (head + new String(line, StandardCharsets.US_ASCII) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static void accept(SSLServerSocket server, List<OutputStream> watchers) {
        try {
            while (true) {
                SSLSocket socket = (SSLSocket) server.accept();
                socket.setTcpNoDelay(true);
                BufferedReader request =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                for (String line = request.readLine(); line != null && !line.isEmpty(); line = request.readLine()) {
                    // The request says nothing that matters.
                }
                OutputStream out = socket.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                watchers.add(out);
            }
        } catch (IOException closed) {
            // The process ends.
        }
    }

    private static SSLContext tls(Path directory) throws Exception {
        Files.createDirectories(directory);
        Path store = directory.resolve("key.p12");
        Process made = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD,
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=benchmark")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (made.waitFor() != 0) {
            throw new IOException("keytool made no key");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
