package io.quarterdeck.standalone.cli;

import io.quarterdeck.embedded.ProcessEnd;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.InstanceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The server as a process of its own, started and stopped from here. */
final class ServerProcess {
    private static final Duration ORDERLY = Duration.ofSeconds(6);
    private static final Duration KILLED = Duration.ofSeconds(3);
    private static final Duration DATABASE = Duration.ofSeconds(1);

    private ServerProcess() {}

    static Path output(Instance instance) {
        return instance.logs().resolve("server.out");
    }

    /** Starts the server in a session of its own, so that it outlives this command and its terminal. */
    static Process start(Instance instance, List<String> arguments) throws IOException {
        Path home = Path.of(System.getProperty("quarterdeck.home", "."));
        List<String> command = new ArrayList<>(
                List.of("setsid", ProcessHandle.current().info().command().orElse("java")));
        String options =
                Optional.ofNullable(System.getenv("QUARTERDECK_SERVER_OPTIONS")).orElse("");
        for (String option : options.split(" ")) {
            if (!option.isEmpty()) {
                command.add(option);
            }
        }
        Path cache = home.resolve("server.aot");
        if (Files.exists(cache)) {
            command.add("-XX:AOTCache=" + cache);
            // It warns of each stub that it makes anew.
            command.add("-Xlog:aot*=error");
        }
        command.add("-Dquarterdeck.home=" + home);
        command.add("-jar");
        command.add(home.resolve("standalone.jar").toString());
        command.add("serve");
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output(instance).toFile());
        builder.environment().remove("QUARTERDECK_SERVER_OPTIONS");
        return builder.start();
    }

    /** Why a server that left no other word has ended, in one line, by what it printed. */
    static String lastWords(List<String> printed) {
        int frame = printed.indexOf("# Problematic frame:");
        if (frame >= 0 && frame + 1 < printed.size()) {
            return "the server crashed in native code: "
                    + printed.get(frame + 1).replaceFirst("^#\\s*[A-Za-z]\\s+", "");
        }
        return "the server ended: "
                + printed.stream()
                        .filter(line -> !line.isBlank())
                        .reduce((_, last) -> last)
                        .orElse("it said nothing");
    }

    /** The running server. */
    static Optional<ProcessHandle> find(Instance instance) {
        return instance.running()
                ? instance.state().number(InstanceState.PID).flatMap(ProcessHandle::of)
                : Optional.empty();
    }

    /**
     * Stops the server and its database, within ten seconds unless the kernel itself is slow to end what is killed; false when
     * none ran. What is killed loses nothing: the next start recovers, and takes longer.
     */
    static boolean stop(Instance instance) throws IOException {
        Optional<ProcessHandle> server = find(instance);
        server.ifPresent(ProcessHandle::destroy);
        if (server.isPresent() && !ProcessEnd.await(server.get(), ORDERLY)) {
            server.get().destroyForcibly();
            ProcessEnd.await(server.get(), KILLED);
        }
        // Only a server that had to be killed leaves one behind.
        EmbeddedPostgres.stopLeftover(instance.postgres(), DATABASE);
        return server.isPresent();
    }
}
