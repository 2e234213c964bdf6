package io.quarterdeck.node.runtime.docker;

import io.quarterdeck.node.host.ProcessCgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel end a container whole when its memory is exceeded, instead of one process that the others then miss.
 * Docker has no word for it, so it is written beside Docker. Source: the kubelet's {@code singleProcessOOMKill}, false by
 * default where control groups are version 2; version 1 cannot do it.
 */
final class OomGroup {

    private static final Logger LOG = LoggerFactory.getLogger(OomGroup.class);

    private final Path root;
    private final Path processes;

    OomGroup(Path root, Path processes) {
        this.root = root;
        this.processes = processes;
    }

    /** @param pid the container's first process, which may have ended already */
    void set(long pid) {
        if (pid <= 0) {
            return;
        }
        try {
            Optional<Path> group = ProcessCgroups.read(processes, pid).unified(root);
            // Of the root group, where a process of another namespace seems to be, there is no such file.
            if (group.isPresent()) {
                Files.writeString(
                        group.get().resolve("memory.oom.group"),
                        "1",
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
            }
        } catch (IOException endedOrElsewhere) {
            LOG.debug("The control group of process {} is not to be seen: {}", pid, endedOrElsewhere.toString());
        }
    }
}
