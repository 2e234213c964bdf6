package io.quarterdeck.system.clients;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.system.harness.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Go clients, built from the test's own small modules into {@code target/clients}; built once, then kept. */
final class GoPrograms {
    private static final Path SOURCES = Path.of("src/test/clients").toAbsolutePath();
    private static final Path BUILT = Path.of("target/clients").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private GoPrograms() {}

    /**
     * The program of a module, or a skipped test if Go or what the module needs cannot be had.
     *
     * @param module a folder of {@code src/test/clients}
     * @param flags for {@code go build}
     */
    static Path built(String module, String... flags) throws IOException {
        assumeTrue(Commands.installed("go"), "go is not installed: " + module + " is skipped");
        Path program = BUILT.resolve(module);
        Files.createDirectories(program.getParent());
        if (isOld(program, SOURCES.resolve(module))) {
            List<String> command =
                    new ArrayList<>(List.of("go", "-C", SOURCES.resolve(module).toString(), "build"));
            command.addAll(List.of(flags));
            command.addAll(List.of("-trimpath", "-o", program.toString(), "."));
            Commands.Result build =
                    new Commands(Map.of("GOFLAGS", "-mod=mod -buildvcs=false")).run(PATIENCE, "", command);
            assumeTrue(
                    build.status() == 0 || !isMissingModule(build.err()),
                    "the modules of " + module + " cannot be downloaded: skipped\n" + build.err());
            build.good();
        }
        return program;
    }

    private static boolean isMissingModule(String message) {
        return message.contains("dial tcp") || message.contains("no such host") || message.contains("proxy");
    }

    private static boolean isOld(Path program, Path sources) throws IOException {
        if (!Files.exists(program)) {
            return true;
        }
        var built = Files.getLastModifiedTime(program);
        try (var files = Files.walk(sources)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.getLastModifiedTime(file).compareTo(built) > 0) {
                    return true;
                }
            }
        }
        return false;
    }
}
