package io.quarterdeck.embedded.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server as a child of this JVM, for data that must last: durable settings, a generated password, as long a
 * recovery as it takes. A server that an earlier JVM left behind is stopped in order before this one starts; one that dies
 * under a living JVM is started again on the same port. Thread-safe.
 *
 * <pre>{@code
 * try (var postgres = EmbeddedPostgres.temporary()) {
 *     DriverManager.getConnection(postgres.jdbcUrl(), postgres.username(), postgres.password());
 * }
 * }</pre>
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final String SUPERUSER = "quarterdeck";
    private static final String DATABASE = "postgres";
    private static final Duration FAST_STOP = Duration.ofSeconds(6);
    private static final Duration IMMEDIATE_STOP = Duration.ofSeconds(3);
    private static final Duration LEFTOVER_STOP = Duration.ofSeconds(20);
    private static final Duration SHARED_MEMORY_RELEASE = Duration.ofSeconds(30);

    private final PostgresSettings settings;
    private final Path data;
    private final Path log;
    private final Launcher launcher;
    private final FileChannel lockChannel;
    private final @Nullable Path removedAtClose;
    private final String password;
    private volatile int port;
    private volatile Process server;
    private volatile boolean closing;

    /**
     * Starts a server and returns when it answers.
     *
     * @throws PostgresException with one line of cause, when it cannot start
     */
    public static EmbeddedPostgres start(PostgresSettings settings) {
        return start(settings, null);
    }

    /** For tests: a server in a fresh directory that is removed when the server is closed. */
    public static EmbeddedPostgres temporary() {
        try {
            Path directory = Files.createTempDirectory("quarterdeck-postgres-");
            Path build = Path.of("target");
            PostgresSettings settings = PostgresSettings.in(directory);
            // Unpacking takes as long as all the rest of a start; the tests of one module share the programs.
            return start(
                    Files.isDirectory(build) ? settings.withBinaries(build.resolve("postgres-programs")) : settings,
                    directory);
        } catch (IOException e) {
            throw new PostgresException("Cannot make a temporary directory: " + e.getMessage(), e);
        }
    }

    private static EmbeddedPostgres start(PostgresSettings settings, @Nullable Path removedAtClose) {
        try {
            boolean root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
            Files.createDirectories(settings.directory());
            Files.setPosixFilePermissions(
                    settings.directory(), PosixFilePermissions.fromString(root ? "rwx--x--x" : "rwx------"));
            FileChannel lock = lock(settings.directory());
            try {
                return new EmbeddedPostgres(settings, lock, removedAtClose);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new PostgresException("Cannot prepare " + settings.directory() + ": " + e, e);
        }
    }

    private EmbeddedPostgres(PostgresSettings settings, FileChannel lockChannel, @Nullable Path removedAtClose)
            throws IOException {
        this.settings = settings;
        this.lockChannel = lockChannel;
        this.removedAtClose = removedAtClose;
        this.data = settings.directory().resolve("data");
        this.log = settings.directory().resolve("postgres.log");
        Path programs = PostgresBinaries.unpack(settings.binaries());
        this.launcher = Launcher.choose(programs, settings.directory());
        keepLog();
        this.password = Files.isDirectory(data) ? readPassword() : initialise();
        if (Postmaster.stopLeftover(data, LEFTOVER_STOP, LEFTOVER_STOP)) {
            LOG.info("A server of an earlier start still ran; it was stopped");
        }
        this.port = settings.port() != 0 ? settings.port() : rememberedPort();
        this.server = startOnSomePort();
        Files.writeString(settings.directory().resolve("port"), Integer.toString(port));
        Thread.ofVirtual().name("postgres-supervisor").start(this::supervise);
    }

    /**
     * Stops the server that a killed JVM may have left running in {@code directory}.
     *
     * @param patience with each way to stop it: in order, at once so that its next start recovers, by a kill
     */
    public static void stopLeftover(Path directory, Duration patience) throws IOException {
        Postmaster.stopLeftover(directory.toAbsolutePath().normalize().resolve("data"), patience, patience);
    }

    /** The URL of the database for pgjdbc, with certificate checks where the server speaks TLS. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    /** The URL of another database of this server, which the caller makes by {@code CREATE DATABASE}. */
    public String jdbcUrl(String database) {
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
        PostgresSettings.Tls tls = settings.tls();
        return tls == null ? url : url + "?sslmode=verify-full&sslrootcert=" + tls.authority();
    }

    public String username() {
        return SUPERUSER;
    }

    public String password() {
        return password;
    }

    public int port() {
        return port;
    }

    /** The data source of a Spring application that uses this server. */
    public Map<String, String> springProperties() {
        return Map.of(
                "spring.datasource.url", jdbcUrl(),
                "spring.datasource.username", username(),
                "spring.datasource.password", password());
    }

    /** Process id of the postmaster that runs now. */
    public long pid() {
        return server.pid();
    }

    /** For tests: kills the postmaster as a crash would. The supervisor starts another, which recovers. */
    public void kill() {
        server.destroyForcibly();
    }

    /** Stops the server: connections are cut, what was committed stays. Takes a few seconds at most. */
    @Override
    public synchronized void close() {
        if (closing) {
            return;
        }
        closing = true;
        Postmaster.stop(server.toHandle(), FAST_STOP, IMMEDIATE_STOP);
        try {
            lockChannel.close();
            if (removedAtClose != null) {
                Directories.delete(removedAtClose);
            }
        } catch (IOException e) {
            LOG.warn("Cannot release {}: {}", settings.directory(), e.toString());
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new PostgresException("Another process uses the database in " + directory);
        }
        return channel;
    }

    private void keepLog() throws IOException {
        if (Files.exists(log)) {
            Files.move(log, log.resolveSibling("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.createFile(log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private Path passwordFile() {
        return settings.directory().resolve("password");
    }

    private String readPassword() throws IOException {
        if (!Files.exists(passwordFile())) {
            throw new PostgresException("The database in " + data + " has lost its password file " + passwordFile());
        }
        return Files.readString(passwordFile());
    }

    /** Makes an empty database; it appears under its name only when it is whole. */
    private String initialise() throws IOException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String fresh = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        Path staging = settings.directory().resolve("initialising");
        Directories.delete(staging);
        Files.createDirectory(staging);
        Path staged = staging.resolve("data");
        Path secret = staging.resolve("password");
        writeSecret(secret, fresh);
        if (launcher.stepsDown()) {
            Directories.own(staging, Launcher.NOBODY_UID);
        }
        run(
                "initdb",
                List.of(
                        "--pgdata=" + launcher.seen(staged),
                        "--username=" + SUPERUSER,
                        "--pwfile=" + launcher.seen(secret),
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale-provider=builtin",
                        "--locale=C",
                        "--builtin-locale=C.UTF-8"));
        if (launcher.stepsDown()) {
            Directories.own(staged, Launcher.SERVER_UID);
        }
        writeSecret(passwordFile(), fresh);
        Files.move(staged, data, StandardCopyOption.ATOMIC_MOVE);
        Directories.delete(staging);
        return fresh;
    }

    private static void writeSecret(Path file, String secret) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, secret);
    }

    private void run(String program, List<String> arguments) throws IOException {
        Process process =
                processBuilder(Launcher.NOBODY_UID, program, arguments).start();
        try {
            if (process.waitFor() != 0) {
                throw new PostgresException(program + " failed: " + PostgresLog.lastProblem(Files.readString(log)));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new PostgresException(program + " was interrupted");
        }
    }

    private ProcessBuilder processBuilder(int uid, String program, List<String> arguments) {
        var builder = new ProcessBuilder(launcher.command(uid, program, arguments));
        builder.directory(Path.of("/").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        return builder;
    }

    private int rememberedPort() throws IOException {
        Path file = settings.directory().resolve("port");
        if (Files.exists(file)) {
            int remembered = Integer.parseInt(Files.readString(file).strip());
            if (settings.ports().allows(remembered)) {
                return remembered;
            }
        }
        return settings.ports().any();
    }

    /** A port that was free a moment ago may be taken now, so what counts is whether the server itself could bind it. */
    private Process startOnSomePort() throws IOException {
        int choices = settings.port() == 0 ? 20 : 0;
        while (true) {
            switch (startServer()) {
                case Start.Ready ready -> {
                    return ready.process();
                }
                case Start.PortTaken _ -> {
                    if (choices-- == 0) {
                        throw new PostgresException("Port " + port + " on 127.0.0.1 is taken");
                    }
                    port = settings.ports().any();
                }
                case Start.Failed failed ->
                    throw new PostgresException("PostgreSQL did not start: " + failed.reason() + " (see " + log + ")");
            }
        }
    }

    private sealed interface Start {
        record Ready(Process process) implements Start {}

        record PortTaken() implements Start {}

        record Failed(String reason) implements Start {}
    }

    private Start startServer() throws IOException {
        long deadline = System.nanoTime() + SHARED_MEMORY_RELEASE.toNanos();
        while (true) {
            configure();
            long logStart = Files.size(log);
            Process process = processBuilder(Launcher.SERVER_UID, "postgres", List.of("-D", launcher.seen(data)))
                    .start();
            if (awaitReady(process)) {
                return new Start.Ready(process);
            }
            String said = PostgresLog.from(log, logStart);
            if (PostgresLog.portTaken(said)) {
                return new Start.PortTaken();
            }
            // Backends of a killed postmaster take a moment to notice.
            if (!PostgresLog.sharedMemoryInUse(said) || System.nanoTime() > deadline) {
                return new Start.Failed(PostgresLog.lastProblem(said));
            }
            pause(200);
        }
    }

    private void configure() throws IOException {
        PostgresSettings.Tls tls = settings.tls();
        put("postgresql.conf", ServerConfiguration.postgresqlConf(port, tls != null, settings.parameters()));
        put("pg_hba.conf", ServerConfiguration.hbaConf(tls != null));
        if (tls != null) {
            put(ServerConfiguration.CERTIFICATE, Files.readString(tls.certificate()));
            put(ServerConfiguration.KEY, Files.readString(tls.key()));
        }
    }

    private void put(String name, String content) throws IOException {
        Path file = data.resolve(name);
        writeSecret(file, content);
        if (launcher.stepsDown()) {
            Directories.own(file, Launcher.SERVER_UID);
        }
    }

    /** Waits without limit: recovery after a crash takes as long as it takes. False when the server ended instead. */
    private boolean awaitReady(Process process) throws IOException {
        for (long waited = 0; process.isAlive(); waited += 20) {
            if (Postmaster.ready(data, process.pid())) {
                return true;
            }
            if (waited > 0 && waited % 5_000 == 0) {
                LOG.info("PostgreSQL is not ready yet: {}", PostgresLog.lastLine(Files.readString(log)));
            }
            pause(20);
        }
        return false;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("The start of PostgreSQL was interrupted");
        }
    }

    private void supervise() {
        try {
            while (true) {
                int status = server.waitFor();
                synchronized (this) {
                    if (closing) {
                        return;
                    }
                    LOG.error("PostgreSQL ended with status {}; starting it again", status);
                    restart();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restart() throws InterruptedException {
        try {
            if (startServer() instanceof Start.Ready ready) {
                server = ready.process();
                return;
            }
            LOG.error("PostgreSQL did not start again: {}", PostgresLog.lastProblem(Files.readString(log)));
        } catch (IOException e) {
            LOG.error("PostgreSQL did not start again: {}", e.toString());
        }
        TimeUnit.SECONDS.sleep(2);
    }
}
