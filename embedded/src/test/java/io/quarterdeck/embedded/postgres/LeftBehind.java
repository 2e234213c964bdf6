package io.quarterdeck.embedded.postgres;

import java.nio.file.Path;

/** A JVM that starts a server and is killed before it can stop it. */
final class LeftBehind {
    private LeftBehind() {}

    /** Runs such a JVM to its end and returns the process id of the server that stays. */
    static long by(PostgresSettings settings) throws Exception {
        Process jvm = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LeftBehind.class.getName(),
                        settings.directory().toString(),
                        settings.binaries().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var said = jvm.inputReader()) {
            long pid = Long.parseLong(said.readLine());
            jvm.destroyForcibly().waitFor();
            return pid;
        }
    }

    static void main(String[] arguments) throws InterruptedException {
        var postgres = EmbeddedPostgres.start(
                PostgresSettings.in(Path.of(arguments[0])).withBinaries(Path.of(arguments[1])));
        IO.println(postgres.pid());
        Thread.sleep(Long.MAX_VALUE);
    }
}
