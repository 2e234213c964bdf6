package io.quarterdeck.standalone.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Memory and processor time of a process and its descendants, from /proc.
 *
 * @param resident bytes; shared pages count once where the kernel tells (Pss)
 * @param ticks processor time so far, in hundredths of a second
 */
record Usage(long resident, long ticks) {
    static Usage of(ProcessHandle root) {
        List<ProcessHandle> processes =
                Stream.concat(Stream.of(root), root.descendants()).toList();
        return new Usage(
                processes.stream().mapToLong(process -> resident(process.pid())).sum(),
                processes.stream().mapToLong(process -> ticks(process.pid())).sum());
    }

    private static long resident(long pid) {
        Path proc = Path.of("/proc", Long.toString(pid));
        long proportional = kibibytes(proc.resolve("smaps_rollup"), "Pss:");
        return proportional > 0 ? proportional : kibibytes(proc.resolve("status"), "VmRSS:");
    }

    private static long kibibytes(Path file, String field) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    private static long ticks(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name in parentheses may hold spaces; the numbers start after it. See proc(5): utime, stime.
            String[] numbers = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(numbers[11]) + Long.parseLong(numbers[12]);
        } catch (IOException e) {
            return 0;
        }
    }
}
