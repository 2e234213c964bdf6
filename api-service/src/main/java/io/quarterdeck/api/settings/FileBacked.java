package io.quarterdeck.api.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What files say now: changed files are read anew within seconds, so that nothing has to be restarted for them; when they
 * cannot be read, what they said before stays in force. Thread-safe.
 */
public final class FileBacked<T> implements Supplier<T> {

    private static final Logger LOG = LoggerFactory.getLogger(FileBacked.class);
    private static final Duration CHECK_EVERY = Duration.ofSeconds(5);

    private final String what;
    private final List<Path> files;
    private final Supplier<T> reader;
    private final InstantSource clock;
    private volatile State<T> state;

    private record State<T>(Version<T> version, List<FileTime> modified, Instant checked) {}

    /** @param generation grows with each reading that changed something */
    public record Version<T>(T value, long generation) {}

    /**
     * Reads at once.
     *
     * @param what it is called in the log
     * @param files whose change is looked for; those that are not there may come
     * @param reader throws a RuntimeException when the files cannot be meant, here too
     */
    public FileBacked(String what, List<Path> files, Supplier<T> reader, InstantSource clock) {
        this.what = what;
        this.files = List.copyOf(files);
        this.reader = reader;
        this.clock = clock;
        List<FileTime> modified = modified();
        this.state = new State<>(new Version<>(reader.get(), 1), modified, clock.instant());
    }

    @Override
    public T get() {
        return current().value();
    }

    public Version<T> current() {
        State<T> seen = state;
        Instant now = clock.instant();
        return isFresh(seen, now) ? seen.version() : checked(now);
    }

    private synchronized Version<T> checked(Instant now) {
        State<T> seen = state;
        if (isFresh(seen, now)) {
            return seen.version();
        }
        List<FileTime> modified = modified();
        Version<T> version = modified.equals(seen.modified()) ? seen.version() : changed(seen.version());
        state = new State<>(version, modified, now);
        return version;
    }

    private Version<T> changed(Version<T> former) {
        try {
            Version<T> next = new Version<>(reader.get(), former.generation() + 1);
            LOG.info("{} changed and was read anew", what);
            return next;
        } catch (RuntimeException unusable) {
            LOG.error("{} changed and cannot be used, the former stays in force: {}", what, unusable.getMessage());
            return former;
        }
    }

    private static boolean isFresh(State<?> seen, Instant now) {
        return seen.checked().plus(CHECK_EVERY).isAfter(now);
    }

    private List<FileTime> modified() {
        return files.stream().map(FileBacked::modified).toList();
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException absent) {
            return FileTime.fromMillis(0);
        }
    }
}
