package io.quarterdeck.system.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Runs programs as a user's shell would, under a HOME and a KUBECONFIG of the test's own. */
public final class Commands {
    private final Map<String, String> environment;

    public Commands(Map<String, String> environment) {
        this.environment = new TreeMap<>(environment);
    }

    /** What a program answered. */
    public record Result(List<String> command, int status, String out, String err) {
        /** The output of a program that must have succeeded. */
        public String good() {
            if (status != 0) {
                throw new AssertionError(String.join(" ", command) + " ended with " + status + "\n" + out + "\n" + err);
            }
            return out;
        }
    }

    public Result run(Duration patience, String input, List<String> command) {
        try {
            Path out = Files.createTempFile("system-test-", ".out");
            Path err = Files.createTempFile("system-test-", ".err");
            try {
                Process process = builder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                try (var stdin = process.getOutputStream()) {
                    stdin.write(input.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // The program did not wait for its input; its exit code tells whether that was wrong.
                }
                if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly().waitFor();
                    throw new AssertionError(String.join(" ", command) + " did not end within " + patience + "\n"
                            + Files.readString(out) + "\n" + Files.readString(err));
                }
                return new Result(command, process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Starts a program that goes on in the background; the caller ends it. */
    public Process start(List<String> command) throws IOException {
        return builder(command).redirectErrorStream(true).start();
    }

    /** Starts a program that goes on in the background with its output in a file; the caller ends it. */
    public Process start(Path output, List<String> command) throws IOException {
        return builder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private ProcessBuilder builder(List<String> command) {
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder;
    }

    /** Whether a program is installed. */
    public static boolean installed(String program) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
