package io.quarterdeck.embedded.postgres;

import io.quarterdeck.embedded.Ports;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a server is to be like.
 *
 * @param directory everything of this server: data, password, log; made where missing
 * @param binaries where the programs are unpacked to, and shared by servers that name the same directory
 * @param port TCP port on 127.0.0.1; 0 lets the supervisor choose one below the range that the kernel hands out
 * @param ports what it may choose from
 * @param tls the server's certificate; without one, connections are plain (still with a password)
 * @param parameters additions to, or replacements of, the lines of postgresql.conf
 */
public record PostgresSettings(
        Path directory,
        Path binaries,
        int port,
        Ports ports,
        @Nullable Tls tls,
        Map<String, String> parameters) {

    /** PEM files: the server's certificate and private key (copied to where it may read them), and who signed it. */
    public record Tls(Path certificate, Path key, Path authority) {}

    public PostgresSettings {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        directory = directory.toAbsolutePath().normalize();
        binaries = binaries.toAbsolutePath().normalize();
        parameters = Map.copyOf(parameters);
    }

    /** A server in {@code directory} with its programs beside it, a free port and plain connections. */
    public static PostgresSettings in(Path directory) {
        return new PostgresSettings(directory, directory.resolve("programs"), 0, Ports.ANY, null, Map.of());
    }

    public PostgresSettings withBinaries(Path shared) {
        return new PostgresSettings(directory, shared, port, ports, tls, parameters);
    }

    public PostgresSettings withPort(int fixed) {
        return new PostgresSettings(directory, binaries, fixed, ports, tls, parameters);
    }

    public PostgresSettings withPorts(Ports choice) {
        return new PostgresSettings(directory, binaries, port, choice, tls, parameters);
    }

    public PostgresSettings withTls(Tls files) {
        return new PostgresSettings(directory, binaries, port, ports, files, parameters);
    }

    /** Replaces or adds one line of postgresql.conf, such as {@code shared_buffers}, {@code 256MB}. */
    public PostgresSettings with(String name, String value) {
        var more = new TreeMap<>(parameters);
        more.put(name, value);
        return new PostgresSettings(directory, binaries, port, ports, tls, more);
    }
}
