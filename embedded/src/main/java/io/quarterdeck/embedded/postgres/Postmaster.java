package io.quarterdeck.embedded.postgres;

import io.quarterdeck.embedded.ProcessEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the operating system and the file postmaster.pid tell about a running server, and the signals that it knows. */
final class Postmaster {
    private static final Logger LOG = LoggerFactory.getLogger(Postmaster.class);
    private static final int STATUS_LINE = 7;

    private Postmaster() {}

    /** Whether the server {@code pid} of this data directory takes connections. */
    static boolean ready(Path data, long pid) throws IOException {
        List<String> lines = pidFile(data);
        return lines.size() > STATUS_LINE
                && lines.getFirst().strip().equals(Long.toString(pid))
                && lines.get(STATUS_LINE).strip().equals("ready");
    }

    /** Stops, as {@link #stop} does, the server that an earlier JVM may have left running on this data; whether there was one. */
    static boolean stopLeftover(Path data, Duration fast, Duration immediate) throws IOException {
        Optional<ProcessHandle> leftover = leftover(data);
        leftover.ifPresent(server -> stop(server, fast, immediate));
        return leftover.isPresent();
    }

    private static Optional<ProcessHandle> leftover(Path data) throws IOException {
        List<String> lines = pidFile(data);
        if (lines.isEmpty() || !lines.getFirst().strip().matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        long pid = Long.parseLong(lines.getFirst().strip());
        // The number may belong to another program by now: only a process that works in our directory is ours.
        Path directory = Path.of("/proc", Long.toString(pid), "cwd");
        return ProcessHandle.of(pid)
                .filter(process -> !ProcessEnd.hasEnded(process))
                .filter(_ -> sameDirectory(directory, data));
    }

    private static boolean sameDirectory(Path left, Path right) {
        try {
            return Files.isSameFile(left, right);
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> pidFile(Path data) throws IOException {
        Path file = data.resolve("postmaster.pid");
        return Files.exists(file) ? Files.readString(file).lines().toList() : List.of();
    }

    /**
     * Fast shutdown (cuts connections, writes a checkpoint), then an immediate one (the next start recovers), then kill.
     * See "Shutting Down the Server" in PostgreSQL's documentation.
     */
    static void stop(ProcessHandle server, Duration fast, Duration immediate) {
        if (!ended(server, "INT", fast) && !ended(server, "QUIT", immediate)) {
            // One of its processes that hangs would keep the shared memory, and with it the next server from starting.
            List<ProcessHandle> workers = server.descendants().toList();
            server.destroyForcibly();
            workers.forEach(ProcessHandle::destroyForcibly);
            ProcessEnd.await(server, immediate);
        }
    }

    private static boolean ended(ProcessHandle server, String signal, Duration patience) {
        try {
            // Java itself can only send TERM and KILL: TERM would wait for every client, KILL would need a recovery.
            new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + server.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            LOG.warn("Cannot send {} to PostgreSQL: {}", signal, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ProcessEnd.await(server, patience);
    }
}
