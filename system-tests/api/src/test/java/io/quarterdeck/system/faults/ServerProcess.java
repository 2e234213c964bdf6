package io.quarterdeck.system.faults;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A JVM of its own with the test's class path, that can be killed, stopped and started again. */
final class ServerProcess implements AutoCloseable {
    private static final int LAST = 60;

    private final String main;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final List<String> options;
    private final Path log;
    private @Nullable Process process;

    ServerProcess(
            String main, List<String> options, List<String> arguments, Map<String, String> environment, Path log) {
        this.main = main;
        this.options = List.copyOf(options);
        this.arguments = List.copyOf(arguments);
        this.environment = new TreeMap<>(environment);
        this.log = log;
    }

    /** @param more arguments of this start alone */
    void start(String... more) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        process = builder.start();
    }

    boolean alive() {
        Process now = process;
        return now != null && now.isAlive();
    }

    /** The end of its log, for a test that fails. */
    String lastLines() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST), lines.size()));
    }

    /** What its threads are at, for a test that fails; "" when it has ended. */
    String stacks() throws IOException, InterruptedException {
        Process now = process;
        if (now == null || !now.isAlive()) {
            return "";
        }
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process asked = new ProcessBuilder(jcmd.toString(), Long.toString(now.pid()), "Thread.print")
                .redirectErrorStream(true)
                .start();
        try (InputStream out = asked.getInputStream()) {
            return "\n" + new String(out.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            asked.waitFor();
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        Process now = process;
        if (now != null) {
            now.destroyForcibly().waitFor();
        }
    }

    void pause() throws IOException, InterruptedException {
        Process now = process;
        if (now != null) {
            signal("STOP", List.of(now.toHandle()));
        }
    }

    void resume() throws IOException, InterruptedException {
        Process now = process;
        if (now != null) {
            signal("CONT", List.of(now.toHandle()));
        }
    }

    /** Whether one of its connections leaves from this port of 127.0.0.1, as /proc tells. */
    boolean ownsPort(int port) {
        Process now = process;
        if (now == null) {
            return false;
        }
        Path proc = Path.of("/proc", Long.toString(now.pid()));
        String end = ":%04X".formatted(port);
        try {
            Set<String> inodes = new HashSet<>();
            for (String table : List.of("tcp", "tcp6")) {
                for (String line : Files.readAllLines(proc.resolve("net").resolve(table))) {
                    String[] words = line.strip().split("\\s+");
                    if (words.length > 9 && words[1].endsWith(end)) {
                        inodes.add("socket:[" + words[9] + "]");
                    }
                }
            }
            try (Stream<Path> files = Files.list(proc.resolve("fd"))) {
                return files.anyMatch(file -> inodes.contains(target(file)));
            }
        } catch (IOException gone) {
            return false;
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    static void signal(String name, List<ProcessHandle> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        processes.forEach(handle -> command.add(Long.toString(handle.pid())));
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
