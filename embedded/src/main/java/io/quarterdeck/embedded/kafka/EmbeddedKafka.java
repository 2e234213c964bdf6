package io.quarterdeck.embedded.kafka;

import io.quarterdeck.embedded.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker and its KRaft controller in this JVM. Kafka's own way out of a storage error is to halt the JVM; here the
 * broker alone is stopped and started again. Close it after everything that talks to it. Thread-safe.
 *
 * <pre>{@code
 * try (var kafka = EmbeddedKafka.start(KafkaSettings.in(directory))) {
 *     new KafkaProducer<>(new HashMap<>(kafka.clientProperties()), serializer, serializer);
 * }
 * }</pre>
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
    private static final String USERNAME = "quarterdeck";
    private static final int PORT_CHOICES = 20;

    private final KafkaSettings settings;
    private final Path logs;
    private final BrokerConfiguration.Credentials credentials;
    private final BrokerConfiguration.@Nullable Pem tls;
    private final Semaphore failures = new Semaphore(0);
    private volatile BrokerConfiguration configuration;
    private @Nullable KafkaRaftServer server;
    /** Keeps the port until the broker listens there itself. */
    private @Nullable Socket held;

    private volatile boolean gaveUp;
    private boolean closed;

    /**
     * Starts a broker and returns when it takes connections.
     *
     * @throws KafkaStartException with one line of cause, when it cannot start
     */
    public static EmbeddedKafka start(KafkaSettings settings) {
        EmbeddedKafka kafka = paused(settings, null);
        try {
            kafka.resume();
            return kafka;
        } catch (KafkaStartException e) {
            // Its supervisor would go on trying, for nobody.
            kafka.close();
            throw e;
        }
    }

    /**
     * A broker that does not run yet, so that its clients can be configured meanwhile: {@link #resume} starts it. Without a
     * port in the settings it gets one that is kept for it.
     */
    public static EmbeddedKafka prepare(KafkaSettings settings) {
        if (settings.port() != 0) {
            return paused(settings, null);
        }
        Socket held = settings.ports().reserve();
        return paused(settings.withPort(held.getLocalPort()), held);
    }

    private static EmbeddedKafka paused(KafkaSettings settings, @Nullable Socket held) {
        try {
            return new EmbeddedKafka(settings, held);
        } catch (IOException e) {
            throw new KafkaStartException("Cannot prepare " + settings.directory() + ": " + e, e);
        }
    }

    private EmbeddedKafka(KafkaSettings settings, @Nullable Socket held) throws IOException {
        this.settings = settings;
        this.held = held;
        this.logs = settings.directory().resolve("logs");
        Files.createDirectories(settings.directory());
        Files.setPosixFilePermissions(settings.directory(), PosixFilePermissions.fromString("rwx------"));
        this.credentials = new BrokerConfiguration.Credentials(USERNAME, password());
        this.tls = BrokerConfiguration.Pem.read(settings.tls());
        this.configuration = configure(
                settings.port() != 0 ? settings.port() : settings.ports().any());
        Exit.setExitProcedure((status, message) -> brokerAsksToExit(status, message));
        Exit.setHaltProcedure((status, message) -> brokerAsksToExit(status, message));
        Thread.ofPlatform().daemon().name("kafka-supervisor").start(this::supervise);
    }

    /** Bootstrap address, protocol, credentials and trust of a client, under Kafka's own property names. */
    public Map<String, String> clientProperties() {
        return configuration.client();
    }

    /** The same for the Kafka clients of a Spring application. */
    public Map<String, String> springProperties() {
        Map<String, String> properties = new TreeMap<>();
        clientProperties()
                .forEach((name, value) -> properties.put(
                        name.equals("bootstrap.servers")
                                ? "spring.kafka.bootstrap-servers"
                                : "spring.kafka.properties[" + name + "]",
                        value));
        return properties;
    }

    public int port() {
        return configuration.port();
    }

    /** Stops the broker but keeps its place: {@link #resume} brings it back on the same port with the same data. */
    public synchronized void pause() {
        KafkaRaftServer running = server;
        server = null;
        if (running != null) {
            inOwnThread("kafka-stop", () -> {
                running.shutdown();
                running.awaitShutdown();
                return running;
            });
        }
    }

    /** Starts the broker where it does not run. */
    public synchronized void resume() {
        if (server == null && !closed) {
            letGo();
            server = inOwnThread("kafka-start", this::startOnSomePort);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            letGo();
            pause();
            failures.release();
        }
    }

    private void letGo() {
        if (held != null) {
            try {
                held.close();
            } catch (IOException e) {
                LOG.debug("a port was not given back: {}", e.toString());
            }
            held = null;
        }
    }

    private BrokerConfiguration configure(int port) {
        return new BrokerConfiguration(port, settings.ports().free(), logs, credentials, tls);
    }

    private String password() throws IOException {
        Path file = settings.directory().resolve("password");
        if (!Files.exists(file)) {
            byte[] random = new byte[32];
            new SecureRandom().nextBytes(random);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
        }
        return Files.readString(file);
    }

    private KafkaRaftServer startOnSomePort() throws Exception {
        format();
        for (int attempt = 1; ; attempt++) {
            var candidate = new KafkaRaftServer(new KafkaConfig(configuration.broker(), false), Time.SYSTEM);
            gaveUp = false;
            try {
                candidate.startup();
                return candidate;
            } catch (Exception e) {
                candidate.shutdown();
                // Asked here, for the controller does not tell that it could not listen.
                boolean clients = !Ports.isFree(configuration.port());
                boolean controller = !Ports.isFree(configuration.controllerPort());
                if (attempt == PORT_CHOICES || (clients && settings.port() != 0) || !(clients || controller)) {
                    throw e;
                }
                configuration = configure(clients ? settings.ports().any() : configuration.port());
            }
        }
    }

    private void format() throws Exception {
        if (Files.exists(logs.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(logs);
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .setNodeId(BrokerConfiguration.NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .setDirectories(List.of(logs.toString()))
                .setMetadataLogDirectory(logs.toString())
                .setControllerListenerName(BrokerConfiguration.CONTROLLER_LISTENER)
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                .setIgnoreFormatted(true)
                .run();
    }

    /** Kafka finds classes by the thread's context class loader, which in a packed jar is not always the right one. */
    private static <T> T inOwnThread(String name, Callable<T> work) {
        var task = new FutureTask<>(work);
        Thread thread = Thread.ofPlatform().name(name).unstarted(task);
        thread.setContextClassLoader(EmbeddedKafka.class.getClassLoader());
        thread.start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new KafkaStartException("Kafka did not start: " + rootMessage(cause), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaStartException("The start of Kafka was interrupted", e);
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? failure.toString() : root.getMessage();
    }

    private void brokerAsksToExit(int status, @Nullable String message) {
        LOG.error("Kafka gives up with status {}: {}", status, message);
        failed();
        // Whoever calls Exit relies on never coming back.
        throw new IllegalStateException("Kafka gave up");
    }

    private void failed() {
        gaveUp = true;
        failures.release();
    }

    private void supervise() {
        try {
            while (true) {
                failures.acquire();
                failures.drainPermits();
                synchronized (this) {
                    if (closed) {
                        return;
                    }
                    // A start that failed may have found another port since.
                    if (gaveUp) {
                        restart();
                    }
                }
                TimeUnit.SECONDS.sleep(2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restart() {
        try {
            pause();
            resume();
            LOG.info("Kafka runs again");
        } catch (RuntimeException e) {
            LOG.error("Kafka did not start again: {}", e.getMessage());
            failed();
        }
    }
}
