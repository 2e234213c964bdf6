package io.quarterdeck.node.stats;

import io.quarterdeck.node.host.ProcessCgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads a process's cgroup. Nothing is asked of the engine, whose own figures take a second. */
final class Cgroups {

    private final Path root;
    private final Path processes;

    Cgroups() {
        this(Path.of("/sys/fs/cgroup"), Path.of("/proc"));
    }

    /** @param processes where each process has a directory by its id */
    Cgroups(Path root, Path processes) {
        this.root = root;
        this.processes = processes;
    }

    /** CPU time in nanoseconds, memory in bytes. */
    record Usage(long cpuNanos, long memory, long workingSet, long rss) {}

    Optional<Usage> of(long pid) {
        try {
            ProcessCgroups groups = ProcessCgroups.read(processes, pid);
            Optional<Path> unified = groups.unified(root);
            return Optional.of(unified.isPresent() ? version2(unified.get()) : version1(groups));
        } catch (IOException | NumberFormatException processEnded) {
            return Optional.empty();
        }
    }

    private Usage version1(ProcessCgroups groups) throws IOException {
        Path memory = groups.controller(root, "memory");
        long usage = number(memory.resolve("memory.usage_in_bytes"));
        Map<String, Long> stat = stat(memory.resolve("memory.stat"));
        return new Usage(
                number(groups.controller(root, "cpuacct").resolve("cpuacct.usage")),
                usage,
                Math.max(0, usage - stat.getOrDefault("total_inactive_file", 0L)),
                stat.getOrDefault("total_rss", 0L));
    }

    private static Usage version2(Path group) throws IOException {
        long usage = number(group.resolve("memory.current"));
        Map<String, Long> stat = stat(group.resolve("memory.stat"));
        return new Usage(
                stat(group.resolve("cpu.stat")).getOrDefault("usage_usec", 0L) * 1000,
                usage,
                Math.max(0, usage - stat.getOrDefault("inactive_file", 0L)),
                stat.getOrDefault("anon", 0L));
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    private static Map<String, Long> stat(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 2)
                .collect(Collectors.toMap(words -> words[0], words -> Long.parseLong(words[1]), (a, b) -> a));
    }

    /** Of the whole machine. A tick of /proc/stat is 10 ms. */
    Usage machine(long memoryTotal, long memoryAvailable) {
        long ticks = 0;
        try {
            String[] words =
                    Files.readAllLines(Path.of("/proc/stat")).getFirst().split("\\s+");
            // user nice system, then idle and iowait, then irq softirq steal
            for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
                ticks += Long.parseLong(words[i]);
            }
        } catch (IOException | NumberFormatException notLinux) {
            ticks = 0;
        }
        long used = Math.max(0, memoryTotal - memoryAvailable);
        return new Usage(ticks * 10_000_000L, used, used, used);
    }
}
