package io.quarterdeck.benchmarks.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What processes and all their descendants have used, as Linux tells in /proc. */
record ProcessTree(List<Long> roots) {

    private static final double TICKS_PER_SECOND = 100;

    /** @param compilerSeconds the part of it that just-in-time compilers took */
    record Use(double cpuSeconds, double compilerSeconds) {
        Use since(Use before) {
            return new Use(cpuSeconds - before.cpuSeconds, compilerSeconds - before.compilerSeconds);
        }

        double compilerPercent() {
            return cpuSeconds == 0 ? 0 : 100 * compilerSeconds / cpuSeconds;
        }
    }

    List<Long> all() {
        List<Long> pids = new ArrayList<>();
        for (long root : roots) {
            ProcessHandle.of(root)
                    .ifPresent(process -> Stream.concat(Stream.of(process), process.descendants())
                            .forEach(each -> pids.add(each.pid())));
        }
        return pids.stream().distinct().toList();
    }

    /** Descendants that have ended count through their parents. */
    Use use() {
        double cpu = 0;
        double compilers = 0;
        for (long pid : all()) {
            long[] times = times(Path.of("/proc", Long.toString(pid), "stat"));
            cpu += (times[0] + times[1] + times[2] + times[3]) / TICKS_PER_SECOND;
            try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
                for (Path thread : threads.toList()) {
                    if (read(thread.resolve("comm")).matches("C[12] CompilerThre.*\\s*")) {
                        long[] own = times(thread.resolve("stat"));
                        compilers += (own[0] + own[1]) / TICKS_PER_SECOND;
                    }
                }
            } catch (IOException ended) {
                // It counts through its parent.
            }
        }
        return new Use(cpu, compilers);
    }

    /** User, system, and the same of children that have ended; in ticks. */
    private static long[] times(Path stat) {
        String line = read(stat);
        long[] times = new long[4];
        if (!line.isEmpty()) {
            // The second field is a name in brackets, which may hold anything.
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
            for (int i = 0; i < times.length; i++) {
                times[i] = Long.parseLong(fields[11 + i]);
            }
        }
        return times;
    }

    /** What they occupy in memory, shared pages divided among those who share them. */
    long residentBytes() {
        long resident = 0;
        for (long pid : all()) {
            resident += field(read(Path.of("/proc", Long.toString(pid), "smaps_rollup")), "Pss:") * 1024;
        }
        return resident;
    }

    private static long field(String lines, String name) {
        return lines.lines()
                .filter(line -> line.startsWith(name))
                .map(line ->
                        line.substring(name.length()).toLowerCase(Locale.ROOT).replace("kb", ""))
                .mapToLong(number -> Long.parseLong(number.trim()))
                .findFirst()
                .orElse(0);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException ended) {
            return "";
        }
    }

    static double loadAverage() {
        try {
            return Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        } catch (IOException e) {
            return -1;
        }
    }
}
