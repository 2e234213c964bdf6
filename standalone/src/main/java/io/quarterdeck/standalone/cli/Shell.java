package io.quarterdeck.standalone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs other programs. */
final class Shell {
    private Shell() {}

    /** What a program answered. */
    record Result(int status, String output) {
        boolean good() {
            return status == 0;
        }

        String lastLine() {
            return output.lines()
                    .filter(line -> !line.isBlank())
                    .reduce((_, last) -> last)
                    .orElse("no output");
        }
    }

    /** Runs a program to its end; a program that does not exist counts as one that failed. */
    static Result run(List<String> command) throws InterruptedException {
        return run(command, () -> {});
    }

    static Result run(List<String> command, Runnable whileWaiting) throws InterruptedException {
        try {
            Path output = Files.createTempFile("quarterdeck-", ".out");
            try {
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(output.toFile());
                builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
                Process process = builder.start();
                while (!process.waitFor(250, TimeUnit.MILLISECONDS)) {
                    whileWaiting.run();
                }
                return new Result(process.exitValue(), Files.readString(output));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            return new Result(127, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    static Result run(String... command) throws InterruptedException {
        return run(List.of(command));
    }
}
