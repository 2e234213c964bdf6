package io.quarterdeck.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The control groups that a process is in. On a machine with both versions mounted, version 1 is the one with the
 * controllers. Source: cgroups(7), {@code /proc/PID/cgroup}.
 *
 * @param paths by the controllers that lie together, with commas between them; empty is version 2's
 */
public record ProcessCgroups(Map<String, String> paths) {

    public ProcessCgroups {
        paths = Map.copyOf(paths);
    }

    /** @param processes where each process has a directory by its id */
    public static ProcessCgroups read(Path processes, long pid) throws IOException {
        return of(Files.readAllLines(processes.resolve(Long.toString(pid)).resolve("cgroup")));
    }

    private static ProcessCgroups of(Collection<String> lines) {
        return new ProcessCgroups(lines.stream()
                .map(line -> line.split(":", 3))
                .filter(parts -> parts.length == 3)
                .collect(Collectors.toMap(parts -> parts[1], parts -> parts[2], (a, b) -> a)));
    }

    /** The group's directory where version 2 holds the controllers, empty where version 1 does. */
    public Optional<Path> unified(Path root) {
        String path = paths.get("");
        return path == null || paths.keySet().stream().anyMatch(key -> holds(key, "memory"))
                ? Optional.empty()
                : Optional.of(below(root, path));
    }

    /** The group's directory of one of version 1's controllers. */
    public Path controller(Path root, String name) throws IOException {
        for (Map.Entry<String, String> entry : paths.entrySet()) {
            if (holds(entry.getKey(), name)) {
                Path together = below(root.resolve(entry.getKey()), entry.getValue());
                return Files.isDirectory(together) ? together : below(root.resolve(name), entry.getValue());
            }
        }
        throw new IOException("no " + name + " controller");
    }

    private static boolean holds(String controllers, String name) {
        return List.of(controllers.split(",")).contains(name);
    }

    private static Path below(Path root, String path) {
        return root.resolve(path.substring(1)).normalize();
    }
}
