package io.quarterdeck.api.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * One line an event in a file of the owner alone (0600), which becomes a backup {@code name-TIME.ext} when it is full.
 * What {@link #take} returned from survives the end of the process. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Auditing", log backend; the file names are upstream's.
 */
final class RotatingFile implements AuditBackend {

    /**
     * @param maxBytes when a file is full
     * @param maxBackups how many backups stay; all when 0
     * @param maxAge how long they stay; for ever when zero
     * @param compress whether backups are packed (.gz)
     */
    record Limits(long maxBytes, int maxBackups, Duration maxAge, boolean compress) {}

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS").withZone(ZoneOffset.UTC);

    private final Path file;
    private final Limits limits;
    private final InstantSource clock;
    private FileChannel channel;
    private long size;

    RotatingFile(Path file, Limits limits, InstantSource clock) {
        this.file = file.toAbsolutePath();
        this.limits = limits;
        this.clock = clock;
        try {
            Path directory = this.file.getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            this.channel = open();
            this.size = channel.size();
        } catch (IOException e) {
            throw new UncheckedIOException("opening the audit log " + file, e);
        }
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    @Override
    public String name() {
        return "log";
    }

    @Override
    public synchronized boolean take(byte[] event) {
        try {
            if (size > 0 && size + event.length + 1 > limits.maxBytes()) {
                rotate();
            }
            ByteBuffer line = ByteBuffer.allocate(event.length + 1)
                    .put(event)
                    .put((byte) '\n')
                    .flip();
            while (line.hasRemaining()) {
                size += channel.write(line);
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("writing the audit log", e);
        }
    }

    private void rotate() throws IOException {
        channel.close();
        try {
            Instant now = clock.instant();
            Path backup = backup(now);
            while (Files.exists(backup) || Files.exists(packed(backup))) {
                now = now.plusMillis(1);
                backup = backup(now);
            }
            Files.move(file, backup, StandardCopyOption.ATOMIC_MOVE);
            if (limits.compress()) {
                pack(backup);
            }
            forget();
        } finally {
            channel = open();
            size = channel.size();
        }
    }

    private Path backup(Instant at) {
        return file.resolveSibling(stem() + "-" + STAMP.format(at) + extension());
    }

    private static Path packed(Path backup) {
        return backup.resolveSibling(backup.getFileName() + ".gz");
    }

    private String stem() {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? name : name.substring(0, dot);
    }

    private String extension() {
        return file.getFileName().toString().substring(stem().length());
    }

    private static void pack(Path backup) throws IOException {
        Path temporary = backup.resolveSibling(backup.getFileName() + ".gz.new");
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(temporary))) {
            Files.copy(backup, out);
        }
        Files.move(temporary, packed(backup), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(backup);
    }

    /** Deletes backups that are too many or too old. */
    private void forget() throws IOException {
        List<Path> backups = new ArrayList<>();
        try (Stream<Path> siblings = Files.list(file.getParent())) {
            siblings.filter(this::isBackup)
                    .sorted(Comparator.comparing(
                                    (Path path) -> path.getFileName().toString())
                            .reversed())
                    .forEach(backups::add);
        }
        String oldest = limits.maxAge().isZero()
                ? ""
                : stem() + "-" + STAMP.format(clock.instant().minus(limits.maxAge()));
        for (int i = 0; i < backups.size(); i++) {
            Path each = backups.get(i);
            if ((limits.maxBackups() > 0 && i >= limits.maxBackups())
                    || each.getFileName().toString().compareTo(oldest) < 0) {
                Files.delete(each);
            }
        }
    }

    private boolean isBackup(Path path) {
        String name = path.getFileName().toString();
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        return plain.startsWith(stem() + "-")
                && plain.endsWith(extension())
                && plain.substring(
                                stem().length() + 1,
                                plain.length() - extension().length())
                        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3}");
    }

    @Override
    public synchronized void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing the audit log", e);
        }
    }
}
