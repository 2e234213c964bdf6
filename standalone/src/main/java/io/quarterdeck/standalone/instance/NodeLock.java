package io.quarterdeck.standalone.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Held by the instance that runs pods and Services on this machine. There is one set of Service addresses, pod addresses
 * and rules in a network namespace, so there can be only one such instance; any number may run the API alone.
 */
public final class NodeLock {
    private final Path file;

    public NodeLock() {
        this(Path.of("/run/quarterdeck-node.lock"));
    }

    NodeLock(Path file) {
        this.file = file;
    }

    /** Takes the lock for as long as the process lives; empty when another instance has it. */
    public Optional<ProcessLock> take(Instance instance) throws IOException {
        Optional<ProcessLock> lock = ProcessLock.take(file);
        if (lock.isPresent()) {
            lock.get().write(instance.directory().toString());
        }
        return lock;
    }

    /** Leaves no trace of it, if it was this instance's last and nobody holds it now. */
    public void forget(Instance instance) throws IOException {
        if (!Files.isWritable(file)
                || ProcessLock.isHeld(file)
                || !Files.readString(file).equals(instance.directory().toString())) {
            return;
        }
        Optional<ProcessLock> lock = ProcessLock.take(file);
        if (lock.isPresent()) {
            Files.delete(file);
            lock.get().close();
        }
    }

    /** The directory of the instance that holds the lock. */
    public Optional<Path> holder() {
        if (!Files.isWritable(file)) {
            return Optional.empty();
        }
        try {
            return ProcessLock.holder(file).map(Path::of);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + file, e);
        }
    }
}
