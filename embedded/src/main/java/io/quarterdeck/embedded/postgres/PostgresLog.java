package io.quarterdeck.embedded.postgres;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What the server's log (in English, by {@code lc_messages}) says about a start that failed. */
final class PostgresLog {
    private PostgresLog() {}

    static String from(Path log, long offset) throws IOException {
        try (var channel = FileChannel.open(log).position(offset);
                var in = Channels.newInputStream(channel)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static boolean portTaken(String said) {
        return said.contains("could not bind IPv4 address") && said.contains("Address already in use");
    }

    static boolean sharedMemoryInUse(String said) {
        return said.contains("pre-existing shared memory block")
                || said.contains("lock file \"postmaster.pid\" already exists");
    }

    /** The last line that tells of a problem, without its time and level. */
    static String lastProblem(String said) {
        String found = "";
        for (String line : said.lines().toList()) {
            if (line.contains("FATAL:") || line.contains("PANIC:") || line.contains("error:")) {
                found = line;
            }
        }
        String line = found.isEmpty() ? lastLine(said) : found;
        return line.replaceFirst("^.*?(FATAL|PANIC|error): +", "");
    }

    static String lastLine(String said) {
        return said.lines()
                .filter(line -> !line.isBlank())
                .reduce((_, last) -> last)
                .orElse("it said nothing");
    }
}
