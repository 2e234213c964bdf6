package io.quarterdeck.standalone.instance;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What an instance says about itself, in a small file of {@code name=value} lines that is replaced as a whole: process,
 * ports, progress and figures of the start, what has to be undone at reset. Readers never see half of a change. The server
 * and the command line both write, also at once: changes are made one after another, under a lock of the file system.
 */
public final class InstanceState {
    public static final String PID = "pid";
    public static final String PORT = "port";
    public static final String COMPONENTS = "components";
    public static final String STARTED = "started";
    public static final String NODE = "node";
    public static final String FAILURE = "failure";
    public static final String CONTEXT = "kubeconfig.context";
    public static final String KUBECONFIG = "kubeconfig.file";
    public static final String DOCKERD = "dockerd.pid";
    public static final String DOCKER_HOST = "docker.host";

    /** Progress of the running start: {@code phase.<name>} = milliseconds since the process started. */
    public static final String PHASE = "phase.";

    static final String LOCK = "state.lock";

    private final Path file;

    InstanceState(Path file) {
        this.file = file;
    }

    public Optional<String> get(String name) {
        return Optional.ofNullable(all().get(name));
    }

    public Optional<Long> number(String name) {
        return get(name).filter(text -> text.matches("[0-9]{1,18}")).map(Long::parseLong);
    }

    public Map<String, String> all() {
        Map<String, String> content = new TreeMap<>();
        if (Files.exists(file)) {
            var properties = new Properties();
            try {
                properties.load(new StringReader(Files.readString(file)));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
            properties.forEach((name, value) -> content.put((String) name, (String) value));
        }
        return content;
    }

    public void put(String name, String value) {
        put(Map.of(name, value));
    }

    public void put(Map<String, String> entries) {
        change(content -> content.putAll(entries));
    }

    /** Forgets what the last start said, and keeps what has to be undone at reset. */
    public void begin() {
        change(content -> {
            content.keySet().removeIf(name -> name.startsWith(PHASE) || name.equals(FAILURE));
            content.remove(PID);
        });
    }

    public void remove(String name) {
        change(content -> content.remove(name));
    }

    private void change(Consumer<Map<String, String>> change) {
        // The file lock holds off other processes; this process's own threads may not even try for it together.
        synchronized (InstanceState.class) {
            try (var channel = FileChannel.open(
                            file.resolveSibling(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                Map<String, String> content = all();
                change.accept(content);
                write(content);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + file, e);
            }
        }
    }

    private void write(Map<String, String> content) throws IOException {
        var text = new StringBuilder();
        content.forEach((name, value) -> text.append(name)
                .append('=')
                .append(value.replace("\\", "\\\\").replace("\n", " "))
                .append('\n'));
        Path staged = file.resolveSibling("state.new");
        Files.writeString(staged, text);
        Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
