package io.quarterdeck.embedded;

import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import io.quarterdeck.embedded.kafka.KafkaStartException;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.embedded.postgres.PostgresException;
import io.quarterdeck.embedded.postgres.PostgresSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/**
 * PostgreSQL or Kafka as a process of its own, for services that run apart: {@code postgres|kafka DIRECTORY PORT PKI}.
 * Serves on 127.0.0.1 with the certificate {@code PKI/postgres.crt} or {@code PKI/kafka.crt}, until SIGTERM. When it takes
 * connections, {@code DIRECTORY/client.properties} (0600) holds what a service imports to use it.
 */
public final class SeparateServer {

    private SeparateServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        // Not logback.xml: the services that have this module on their class path log as they want to.
        System.setProperty("logback.configurationFile", "separate-server-logback.xml");
        if (arguments.length != 4) {
            System.err.println("usage: java -jar embedded-exec.jar postgres|kafka DIRECTORY PORT PKI");
            System.exit(2);
        }
        try {
            run(
                    arguments[0],
                    Path.of(arguments[1]).toAbsolutePath(),
                    Integer.parseInt(arguments[2]),
                    Path.of(arguments[3]).toAbsolutePath());
        } catch (PostgresException | KafkaStartException | IOException | IllegalArgumentException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(String kind, Path directory, int port, Path pki) throws IOException, InterruptedException {
        Path settings = directory.resolve("client.properties");
        Files.deleteIfExists(settings);
        Path authority = pki.resolve("ca.crt");
        Path certificate = pki.resolve(kind + ".crt");
        Path key = pki.resolve(kind + ".key");
        AutoCloseable server;
        Map<String, String> client;
        switch (kind) {
            case "postgres" -> {
                EmbeddedPostgres postgres = EmbeddedPostgres.start(PostgresSettings.in(directory)
                        .withPort(port)
                        .withTls(new PostgresSettings.Tls(certificate, key, authority)));
                server = postgres;
                client = postgres.springProperties();
            }
            case "kafka" -> {
                EmbeddedKafka kafka = EmbeddedKafka.start(KafkaSettings.in(directory)
                        .withPort(port)
                        .withTls(new KafkaSettings.Tls(certificate, key, authority)));
                server = kafka;
                client = kafka.springProperties();
            }
            default -> throw new IllegalArgumentException("neither postgres nor kafka: " + kind);
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                server.close();
            } catch (Exception e) {
                System.err.println("error: " + e.getMessage());
            }
            stopped.countDown();
        }));
        write(settings, client);
        System.out.println(kind + " takes connections on 127.0.0.1:" + port);
        stopped.await();
    }

    /** Whole or not at all, and readable by its owner alone. */
    private static void write(Path file, Map<String, String> settings) throws IOException {
        Properties properties = new Properties();
        properties.putAll(new TreeMap<>(settings));
        Path made = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(made);
        Files.createFile(made, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var out = Files.newOutputStream(made)) {
            properties.store(out, "what a service imports (spring.config.import)");
        }
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
