package io.quarterdeck.standalone.checks;

import io.quarterdeck.standalone.instance.DockerHost;
import java.nio.file.Path;
import java.util.Optional;

/** What the checks look at; a port, so that tests can be any machine. */
public interface Machine {
    boolean root();

    int javaFeature();

    String javaHome();

    /** Bytes that may still be written where {@code path} is or will be. */
    long usableSpace(Path path);

    /** Whether files can be made where {@code path} is or will be. */
    boolean writable(Path path);

    /** Whether a program of this name is installed. */
    boolean hasProgram(String name);

    boolean exists(Path path);

    /** Whether nothing listens on this TCP port. */
    boolean portFree(int port);

    /** Who listens on the port, if that can be told. */
    Optional<String> listener(int port);

    /** The directory of the instance that runs pods on this machine. */
    Optional<Path> nodeHolder();

    /** Which Docker engine is meant. */
    DockerHost dockerHost();

    /** The version of the Docker engine that answers. */
    Optional<String> dockerVersion();
}
