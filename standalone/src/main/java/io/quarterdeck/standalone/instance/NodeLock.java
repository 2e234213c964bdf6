package io.quarterdeck.standalone.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Held by the instance that runs pods and Services on this machine. There is one set of Service addresses, pod addresses
 * and rules in a network namespace, so there can be only one such instance; any number may run the API alone.
 */
public final class NodeLock {
    // POSIX takes all locks of a process on a file away when it closes any of its descriptors of that file: who holds
    // the
    // lock must not open the file again.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;

    public NodeLock() {
        this(Path.of("/run/quarterdeck-node.lock"));
    }

    NodeLock(Path file) {
        this.file = file;
    }

    /** Takes the lock for as long as the process lives; empty when another instance has it. */
    public Optional<FileLock> take(Instance instance) throws IOException {
        Optional<FileLock> lock = tryLock();
        if (lock.isPresent()) {
            FileChannel channel = (FileChannel) lock.get().acquiredBy();
            channel.truncate(0);
            ByteBuffer holder =
                    StandardCharsets.UTF_8.encode(instance.directory().toString());
            while (holder.hasRemaining()) {
                channel.write(holder);
            }
            HELD.add(file);
        }
        return lock;
    }

    private Optional<FileLock> tryLock() throws IOException {
        if (HELD.contains(file)) {
            return Optional.empty();
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(lock);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: the same answer as when another holds it.
        }
        channel.close();
        return Optional.empty();
    }

    /** Leaves no trace of it, if it was this instance's last and nobody holds it now. */
    public void forget(Instance instance) throws IOException {
        if (!Files.isWritable(file)
                || !Files.readString(file).strip().equals(instance.directory().toString())) {
            return;
        }
        Optional<FileLock> lock = tryLock();
        if (lock.isPresent()) {
            Files.delete(file);
            lock.get().acquiredBy().close();
        }
    }

    /** The directory of the instance that holds the lock. */
    public Optional<Path> holder() {
        if (!Files.isWritable(file)) {
            return Optional.empty();
        }
        try {
            Optional<FileLock> lock = tryLock();
            if (lock.isPresent()) {
                lock.get().acquiredBy().close();
                return Optional.empty();
            }
            return Optional.of(Path.of(Files.readString(file).strip()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + file, e);
        }
    }
}
