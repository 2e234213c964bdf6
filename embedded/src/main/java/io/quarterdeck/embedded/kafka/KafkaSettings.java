package io.quarterdeck.embedded.kafka;

import io.quarterdeck.embedded.Ports;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a broker is to be like.
 *
 * @param directory everything of this broker: logs, metadata, password; made where missing
 * @param port TCP port for clients on 127.0.0.1; 0 lets the broker choose one
 * @param ports what it may choose from, for clients and for its controller
 * @param tls the broker's certificate; without one, connections are plain (still with a password)
 */
public record KafkaSettings(
        Path directory, int port, Ports ports, @Nullable Tls tls) {

    /** PEM files: the broker's certificate, its private key in PKCS#8, and who signed it. */
    public record Tls(Path certificate, Path key, Path authority) {}

    public KafkaSettings {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        directory = directory.toAbsolutePath().normalize();
    }

    /** A broker in {@code directory} with a free port and plain connections. */
    public static KafkaSettings in(Path directory) {
        return new KafkaSettings(directory, 0, Ports.ANY, null);
    }

    public KafkaSettings withPort(int fixed) {
        return new KafkaSettings(directory, fixed, ports, tls);
    }

    public KafkaSettings withPorts(Ports choice) {
        return new KafkaSettings(directory, port, choice, tls);
    }

    public KafkaSettings withTls(Tls files) {
        return new KafkaSettings(directory, port, ports, files);
    }
}
