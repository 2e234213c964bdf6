package io.quarterdeck.standalone.cli;

import io.quarterdeck.embedded.ProcessEnd;
import io.quarterdeck.standalone.checks.Machine;
import io.quarterdeck.standalone.instance.DockerHost;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.InstanceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The Docker engine of this machine: used where one runs, started where none does. */
final class DockerDaemon {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private DockerDaemon() {}

    /** Returns the version of the engine that runs, after starting one if need be. */
    static String ensure(Machine machine, Instance instance, Console console) throws IOException, InterruptedException {
        Optional<String> version = machine.dockerVersion();
        if (version.isPresent()) {
            return "engine " + version.get();
        }
        if (!machine.dockerHost().equals(DockerHost.USUAL)) {
            throw new Failure(
                    "no Docker engine answers at " + machine.dockerHost() + ", which " + DockerHost.PROPERTY + " names",
                    "docker --host " + machine.dockerHost() + " version");
        }
        if (Files.isDirectory(Path.of("/run/systemd/system"))
                && Shell.run(
                                List.of("systemctl", "start", "docker"),
                                () -> console.alive("systemd starts the Docker engine"))
                        .good()) {
            return "engine " + await(machine, Optional.empty(), console) + ", started by systemd";
        }
        Path log = instance.logs().resolve("dockerd.log");
        Process daemon = new ProcessBuilder("setsid", "dockerd", "--host=" + DockerHost.USUAL)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        instance.state().put(InstanceState.DOCKERD, Long.toString(daemon.pid()));
        return "engine " + await(machine, Optional.of(daemon), console) + ", started (process " + daemon.pid() + ")";
    }

    private static String await(Machine machine, Optional<Process> daemon, Console console)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            Optional<String> version = machine.dockerVersion();
            if (version.isPresent()) {
                return version.get();
            }
            boolean dead = daemon.isPresent() && !daemon.get().isAlive();
            if (dead || System.nanoTime() > deadline) {
                throw new Failure("the Docker engine does not start", QuarterdeckCommand.command() + " logs dockerd");
            }
            console.alive("the Docker engine starts");
            Thread.sleep(200);
        }
    }

    /** Stops the engine that {@link #ensure} started, if it still runs. */
    static void stopOwn(Instance instance) {
        Optional<ProcessHandle> daemon = instance.state()
                .number(InstanceState.DOCKERD)
                .flatMap(ProcessHandle::of)
                // The number may belong to another program by now.
                .filter(process -> process.info()
                        .command()
                        .filter(command -> command.endsWith("/dockerd"))
                        .isPresent());
        if (daemon.isPresent()) {
            daemon.get().destroy();
            ProcessEnd.await(daemon.get(), Duration.ofSeconds(10));
        }
    }
}
