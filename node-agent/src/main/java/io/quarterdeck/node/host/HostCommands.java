package io.quarterdeck.node.host;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs programs of the machine. Thread-safe; blocks. */
public class HostCommands {

    private static final Logger LOG = LoggerFactory.getLogger(HostCommands.class);
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** Both outputs together would garble what a program prints for machines, so they are kept apart. */
    public record Result(int exitCode, String stdout, String stderr) {

        public boolean ok() {
            return exitCode == 0;
        }
    }

    /** A program said no. The message is what it said. */
    public static final class Failed extends RuntimeException {
        Failed(String message) {
            super(message);
        }
    }

    public String run(String... command) {
        Result result = attempt(Map.of(), "", List.of(command));
        if (!result.ok()) {
            String said = result.stderr().isBlank() ? result.stdout() : result.stderr();
            throw new Failed(String.join(" ", command) + ": " + said.strip());
        }
        return result.stdout();
    }

    /** For cleaning, where the thing may be gone already. */
    public boolean tryRun(String... command) {
        Result result = attempt(Map.of(), "", List.of(command));
        if (!result.ok()) {
            LOG.debug("{}: {}", command, result.stderr().strip());
        }
        return result.ok();
    }

    public Result attempt(Map<String, String> environment, String stdin, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("PATH", PATH);
            builder.environment().putAll(environment);
            Process process = builder.start();
            StringBuilder errors = new StringBuilder();
            Thread errorReader = Thread.ofVirtual().name("stderr").start(() -> {
                try {
                    errors.append(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
                } catch (IOException cutShort) {
                    // What was read will do.
                }
            });
            Thread.ofVirtual().name("stdin").start(() -> {
                try (OutputStream in = process.getOutputStream()) {
                    in.write(stdin.getBytes(StandardCharsets.UTF_8));
                } catch (IOException notRead) {
                    // A program need not read its input.
                }
            });
            Thread watchdog = Thread.ofVirtual().name("watchdog").start(() -> {
                try {
                    if (!process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                        process.destroyForcibly();
                    }
                } catch (InterruptedException done) {
                    Thread.currentThread().interrupt();
                }
            });
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.waitFor();
            watchdog.interrupt();
            errorReader.join(LONGEST);
            return new Result(exitCode, output, errors.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(command.getFirst() + " cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed("interrupted");
        }
    }
}
