package io.quarterdeck.node.volumes;

import io.quarterdeck.node.host.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directory whose files change all at once: they lie in a directory with a time for a name, {@code ..data} points to
 * it, and each visible name points through {@code ..data}. Programs know this layout from upstream and watch for it.
 */
final class AtomicDirectory {

    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss.SSSSSSSSS").withZone(ZoneOffset.UTC);
    private static final String DATA = "..data";

    private final Path root;
    private final OptionalLong owner;
    private final OptionalLong group;

    AtomicDirectory(Path root, OptionalLong owner, OptionalLong group) {
        this.root = root;
        this.owner = owner;
        this.group = group;
    }

    /** Whether anything changed. */
    boolean write(Map<String, FileProjection> files, Instant now) throws IOException {
        Path data = root.resolve(DATA);
        String before = null;
        try {
            before = Files.readSymbolicLink(data).toString();
            if (same(root.resolve(before), files)) {
                return false;
            }
        } catch (NoSuchFileException firstTime) {
            Files.createDirectories(root);
        }
        Path next = root.resolve(NAME.format(now));
        Files.createDirectory(next);
        permit(next, 0755);
        for (Map.Entry<String, FileProjection> file : files.entrySet()) {
            Path target = next.resolve(file.getKey());
            for (Path parent = target.getParent();
                    parent != null && !parent.equals(next);
                    parent = parent.getParent()) {
                Files.createDirectories(parent);
                permit(parent, 0755);
            }
            Files.write(target, file.getValue().content());
            permit(target, file.getValue().mode());
        }
        Path temporary = root.resolve("..data_tmp");
        Files.deleteIfExists(temporary);
        Files.createSymbolicLink(temporary, next.getFileName());
        Files.move(temporary, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        linkNames(files.keySet());
        if (before != null) {
            AtomicFiles.deleteTree(root.resolve(before));
        }
        return true;
    }

    private void linkNames(Set<String> paths) throws IOException {
        Set<String> names = new HashSet<>();
        for (String path : paths) {
            names.add(Path.of(path).getName(0).toString());
        }
        for (String name : names) {
            Path link = root.resolve(name);
            if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(link, Path.of(DATA, name));
            }
        }
        try (Stream<Path> present = Files.list(root)) {
            for (Path entry : present.toList()) {
                String name = entry.getFileName().toString();
                if (!name.startsWith("..") && !names.contains(name)) {
                    Files.delete(entry);
                }
            }
        }
    }

    private void permit(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
        if (owner.isPresent()) {
            Files.setAttribute(path, "unix:uid", (int) owner.getAsLong());
        }
        if (group.isPresent()) {
            Files.setAttribute(path, "unix:gid", (int) group.getAsLong());
        }
    }

    private static boolean same(Path directory, Map<String, FileProjection> files) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        Set<String> present = new HashSet<>();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                String name = directory.relativize(path).toString();
                FileProjection wanted = files.get(name);
                int mode = (Integer) Files.getAttribute(path, "unix:mode") & 07777;
                if (wanted == null || !wanted.equals(new FileProjection(Files.readAllBytes(path), mode))) {
                    return false;
                }
                present.add(name);
            }
        }
        return present.equals(files.keySet());
    }
}
