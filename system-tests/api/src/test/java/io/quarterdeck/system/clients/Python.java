package io.quarterdeck.system.clients;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.system.harness.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The Python client, in an environment of its own under {@code target/clients}; made once, then kept. */
final class Python {
    static final Path PROGRAM = Path.of("src/test/clients/python/client.py").toAbsolutePath();

    private static final Path ENVIRONMENT = Path.of("target/clients/python").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private Python() {}

    /** An interpreter that has the package {@code kubernetes}, or a skipped test. */
    static Path withKubernetes() throws IOException {
        assumeTrue(Commands.installed("python3"), "python3 is not installed: skipped");
        Path interpreter = ENVIRONMENT.resolve("bin/python");
        Path complete = ENVIRONMENT.resolve("complete");
        if (!Files.exists(complete)) {
            Commands shell = new Commands(Map.of());
            assumeTrue(
                    shell.run(PATIENCE, "", List.of("python3", "-m", "venv", ENVIRONMENT.toString()))
                                    .status()
                            == 0,
                    "python3 cannot make environments: skipped");
            Commands.Result installed = shell.run(
                    PATIENCE,
                    "",
                    List.of(interpreter.toString(), "-m", "pip", "install", "--quiet", "kubernetes>=36,<38"));
            assumeTrue(
                    installed.status() == 0,
                    "the Python package kubernetes cannot be installed: skipped\n" + installed.err());
            Files.createFile(complete);
        }
        return interpreter;
    }
}
