package io.quarterdeck.embedded.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The PostgreSQL programs from the class path, unpacked once for each version of the archive. */
final class PostgresBinaries {
    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

    private PostgresBinaries() {}

    /** The unpacked programs below {@code parent}; safe against a crash half way and against a second JVM doing the same. */
    static Path unpack(Path parent) {
        var url = PostgresBinaries.class.getResource(ARCHIVE);
        if (url == null) {
            throw new PostgresException(
                    "This build holds no PostgreSQL for this machine: " + ARCHIVE + " is not on the class path");
        }
        try {
            // The size tells one release of the archive from the next without reading 15 MB at every start.
            long size = url.openConnection().getContentLengthLong();
            Path home = parent.resolve("postgres-" + size);
            if (!Files.isDirectory(home)) {
                Files.createDirectories(parent);
                Path staging = Files.createTempDirectory(
                        parent,
                        "unpacking-",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
                Files.setPosixFilePermissions(staging, PosixFilePermissions.fromString("rwxr-xr-x"));
                try (InputStream in = url.openStream()) {
                    extract(in, staging);
                }
                publish(staging, home);
            }
            return home;
        } catch (IOException e) {
            throw new PostgresException("Cannot unpack PostgreSQL into " + parent + ": " + e.getMessage(), e);
        }
    }

    private static void publish(Path staging, Path home) throws IOException {
        try {
            Files.move(staging, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Directories.delete(staging);
            if (!Files.isDirectory(home)) {
                throw e;
            }
        }
    }

    private static void extract(InputStream in, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(in)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("the archive holds a path outside of it: " + entry.getName());
                }
                directories(target, entry.isDirectory() ? file : Objects.requireNonNull(file.getParent()));
                if (entry.isDirectory()) {
                    continue;
                }
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, file);
                    boolean program = (entry.getMode() & 0100) != 0;
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }

    /** Open to the server's user whatever the umask of whoever starts it. */
    private static void directories(Path top, Path wanted) throws IOException {
        for (Path part : top.relativize(wanted)) {
            top = top.resolve(part);
            if (!part.toString().isEmpty() && !Files.isDirectory(top)) {
                Files.createDirectory(top);
                Files.setPosixFilePermissions(top, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
