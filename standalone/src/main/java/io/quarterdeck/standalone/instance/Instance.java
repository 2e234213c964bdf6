package io.quarterdeck.standalone.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directory of one instance. Everything that the instance keeps is in it, and whoever holds its lock is its server.
 *
 * @param directory absolute
 */
public record Instance(Path directory) {
    private static final String MARKER = "quarterdeck";
    private static final String LAYOUT = "1";

    /** Where CNI plugins may lie: Debian's package first, upstream's place second. */
    public static final List<Path> CNI_DIRECTORIES = List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin"));

    /** What may lie in the directory; anything else makes it somebody else's. */
    private static final Set<String> CONTENT = Set.of(
            MARKER,
            "lock",
            "state",
            "pki",
            "kubeconfigs",
            "postgres",
            "kafka",
            "logs",
            "node",
            "proxy",
            "run",
            "dashboard-password",
            "state.new",
            InstanceState.LOCK);

    public Instance {
        directory = directory.toAbsolutePath().normalize();
    }

    /** The usual place: the system's for root, the user's own for others. */
    public static Path usualDirectory() {
        String chosen = System.getenv("QUARTERDECK_DATA");
        if (chosen != null && !chosen.isEmpty()) {
            return Path.of(chosen);
        }
        if ("root".equals(System.getProperty("user.name"))) {
            return Path.of("/var/lib/quarterdeck");
        }
        String dataHome = System.getenv("XDG_DATA_HOME");
        return dataHome == null || dataHome.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local/share/quarterdeck")
                : Path.of(dataHome, "quarterdeck");
    }

    public Path pki() {
        return directory.resolve("pki");
    }

    public Path kubeconfigs() {
        return directory.resolve("kubeconfigs");
    }

    /** The kubeconfig of one identity: admin, controller-manager, scheduler, node, proxy. */
    public Path kubeconfig(String identity) {
        return kubeconfigs().resolve(identity + ".kubeconfig");
    }

    /** The node-agent's volumes and records. */
    public Path node() {
        return directory.resolve("node");
    }

    public Path postgres() {
        return directory.resolve("postgres");
    }

    public Path kafka() {
        return directory.resolve("kafka");
    }

    /** The password of the dashboard's user admin. */
    public Path dashboardPassword() {
        return directory.resolve("dashboard-password");
    }

    public Path logs() {
        return directory.resolve("logs");
    }

    /** The log of the whole server. */
    public Path serverLog() {
        return logs().resolve("quarterdeck.log");
    }

    public InstanceState state() {
        return new InstanceState(directory.resolve("state"));
    }

    /** The API's port: the one asked for, else that of the last start, else the usual one. */
    public int port(OptionalInt asked) {
        if (asked.isPresent()) {
            return asked.getAsInt();
        }
        return state().number(InstanceState.PORT).map(Long::intValue).orElse(PortPlan.DEFAULT_API);
    }

    /** Makes the directory where it is missing. */
    public void create() throws IOException {
        // Others may pass through, because PostgreSQL runs as another user; they may not look around.
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        for (Path own : List.of(logs(), kubeconfigs())) {
            Files.createDirectories(own);
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
        }
        Path marker = directory.resolve(MARKER);
        if (!Files.exists(marker)) {
            Files.writeString(marker, LAYOUT + "\n");
        }
    }

    public boolean exists() {
        return Files.exists(directory.resolve(MARKER));
    }

    /** Why this directory cannot be used or removed, if it cannot: it belongs to something else, or parts are missing. */
    public Optional<String> damage() {
        try {
            if (!Files.exists(directory)) {
                return Optional.empty();
            }
            if (!Files.isDirectory(directory)) {
                return Optional.of(directory + " is not a directory");
            }
            Optional<String> stranger = stranger();
            if (stranger.isPresent()) {
                return Optional.of(directory + " holds \"" + stranger.get() + "\", which is not Quarterdeck's");
            }
            if (exists() && !Files.readString(directory.resolve(MARKER)).strip().equals(LAYOUT)) {
                return Optional.of(directory + " was written by another version of Quarterdeck");
            }
            Path data = postgres().resolve("data");
            if (Files.exists(data) && !Files.exists(postgres().resolve("password"))) {
                return Optional.of("the database in " + postgres() + " has lost its password");
            }
            if (Files.exists(data) && Files.isReadable(data) && !Files.exists(data.resolve("PG_VERSION"))) {
                return Optional.of("the database in " + data + " is damaged");
            }
            if (Files.exists(pki()) && Files.exists(data) && !Files.exists(pki().resolve("ca.key"))) {
                return Optional.of("the cluster's authority in " + pki() + " is gone");
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(directory + " cannot be read (" + e.getMessage() + ")");
        }
    }

    /** The name of something in the directory that is not ours. */
    public Optional<String> stranger() throws IOException {
        if (!Files.isDirectory(directory) || !Files.isReadable(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> content = Files.list(directory)) {
            return content.map(path -> path.getFileName().toString())
                    .filter(name -> !CONTENT.contains(name))
                    .findFirst();
        }
    }

    /** The lock that the server holds while it lives; empty when another server has it. */
    public Optional<ProcessLock> lock() throws IOException {
        return ProcessLock.take(lockFile());
    }

    /** Whether a server runs here. */
    public boolean running() {
        try {
            return ProcessLock.isHeld(lockFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at the lock in " + directory, e);
        }
    }

    private Path lockFile() {
        return directory.resolve("lock");
    }

    /** The order in which {@code logs export} and {@code logs} name the files. */
    public List<Path> logFiles() throws IOException {
        if (!Files.isDirectory(logs())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(logs())) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
