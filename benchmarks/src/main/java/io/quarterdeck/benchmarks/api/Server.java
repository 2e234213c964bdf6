package io.quarterdeck.benchmarks.api;

import io.quarterdeck.embedded.ProcessEnd;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server under test: one that a command starts on a store of its own, or one that runs already.
 *
 * <p>The command is called with a port and a directory and returns when the server is ready. It leaves one file
 * {@code *.pid} for each process in the directory, and {@code tokens.csv} whose first field is a token of
 * system:masters. A file {@code store} may name where the store tells what it has written: a JDBC URL of PostgreSQL or
 * the metrics of etcd. Called again with the same directory it starts on the same data.
 */
final class Server {
    private static final Duration ORDERLY = Duration.ofSeconds(20);

    private final String name;
    private final List<String> command;
    private final int port;
    private final Path directory;
    private final @Nullable Endpoint running;
    private volatile List<Long> pids;

    private Server(
            String name, List<String> command, int port, Path directory, @Nullable Endpoint running, List<Long> pids) {
        this.name = name;
        this.command = command;
        this.port = port;
        this.directory = directory;
        this.running = running;
        this.pids = pids;
    }

    static Server started(String name, String command, int port, Path directory) {
        return new Server(name, List.of(command.split(" ")), port, directory, null, List.of());
    }

    static Server attached(String name, Endpoint endpoint, List<Long> pids) {
        return new Server(name, List.of(), 0, Path.of(""), endpoint, pids);
    }

    String name() {
        return name;
    }

    boolean restarts() {
        return running == null;
    }

    /** Starts it where it does not run; answers in how many seconds. */
    double start() throws IOException, InterruptedException {
        if (running != null) {
            return 0;
        }
        Files.createDirectories(directory);
        long began = System.nanoTime();
        List<String> line = new ArrayList<>(command);
        line.add(Integer.toString(port));
        line.add(directory.toString());
        // What an earlier start left says nothing of this one.
        pids = List.of();
        Process start = new ProcessBuilder(line)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (start.waitFor() != 0) {
            throw new IOException(name + " did not start: see " + directory);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        List<Long> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".pid")).toList()) {
                found.add(Long.parseLong(Files.readString(file).trim()));
            }
        }
        pids = List.copyOf(found);
        return seconds;
    }

    Endpoint endpoint() throws IOException {
        if (running != null) {
            return running;
        }
        String tokens = Files.readString(directory.resolve("tokens.csv"), StandardCharsets.UTF_8);
        return Endpoint.withToken(URI.create("https://127.0.0.1:" + port), tokens.substring(0, tokens.indexOf(',')));
    }

    /** What its store has written, where the file {@code store} of its directory says where to ask. */
    Optional<StoreCounters> counters() throws IOException {
        Path store = directory.resolve("store");
        return running == null && Files.exists(store)
                ? Optional.of(StoreCounters.read(Files.readString(store).trim()))
                : Optional.empty();
    }

    ProcessTree processes() {
        return new ProcessTree(pids);
    }

    void stop() {
        if (running != null) {
            return;
        }
        List<ProcessHandle> processes =
                pids.stream().flatMap(pid -> ProcessHandle.of(pid).stream()).toList();
        processes.forEach(ProcessHandle::destroy);
        for (ProcessHandle process : processes) {
            if (!ProcessEnd.await(process, ORDERLY)) {
                process.destroyForcibly();
                ProcessEnd.await(process, ORDERLY);
            }
        }
    }

    /** Ends it at once, where it was started here. */
    void kill() {
        if (running == null) {
            for (long pid : pids) {
                ProcessHandle.of(pid).ifPresent(process -> {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                });
            }
        }
    }

    /** Forgets everything that was stored. */
    void clear() throws IOException {
        if (running != null || !Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
