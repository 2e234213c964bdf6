package io.quarterdeck.standalone.instance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file that one process at a time holds, for as long as it lives: a killed holder leaves it free. Another taker in the
 * same process gets the same answer as one in another. Thread-safe.
 *
 * <p>POSIX takes all locks of a process on a file away when the process closes any of its descriptors of that file, so
 * what this process holds is remembered, and such a file is not opened again.
 */
public final class ProcessLock implements AutoCloseable {
    private static final Map<Path, String> HELD = new ConcurrentHashMap<>();

    private final Path file;
    private final FileChannel channel;

    private ProcessLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Makes the file where it is missing, and takes it; empty when somebody holds it. */
    public static Optional<ProcessLock> take(Path file) throws IOException {
        Path held = real(file);
        if (HELD.putIfAbsent(held, "") != null) {
            return Optional.empty();
        }
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = FileChannel.open(held, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            taken = channel.tryLock() != null;
            return taken ? Optional.of(new ProcessLock(held, channel)) : Optional.empty();
        } catch (OverlappingFileLockException hardLink) {
            return Optional.empty();
        } finally {
            if (!taken) {
                if (channel != null) {
                    channel.close();
                }
                HELD.remove(held);
            }
        }
    }

    private static Path real(Path file) throws IOException {
        if (Files.exists(file)) {
            return file.toRealPath();
        }
        Path named = file.toAbsolutePath();
        return named.resolveSibling(".").toRealPath().resolve(named.getFileName());
    }

    /** Whether somebody holds the file now. */
    public static boolean isHeld(Path file) throws IOException {
        return holder(file).isPresent();
    }

    /** What the file's holder says of itself; empty when nobody holds it. */
    public static Optional<String> holder(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Optional<ProcessLock> lock = take(file);
        if (lock.isPresent()) {
            lock.get().close();
            return Optional.empty();
        }
        String own = HELD.get(real(file));
        return Optional.of(own != null ? own : Files.readString(file));
    }

    /** Leaves what the holder says of itself, for those who ask. It stays in the file when the lock is gone. */
    public void write(String text) throws IOException {
        channel.truncate(0);
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        HELD.put(file, text);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        HELD.remove(file);
    }
}
