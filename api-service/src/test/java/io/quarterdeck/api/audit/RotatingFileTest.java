package io.quarterdeck.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingFileTest {

    @TempDir
    Path directory;

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");

    private RotatingFile open(int maxBytes, int backups, Duration age, boolean compress) {
        return new RotatingFile(
                directory.resolve("audit.log"), new RotatingFile.Limits(maxBytes, backups, age, compress), () -> now);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static byte[] line(int number) {
        return "line-%05d".formatted(number).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void losesNothingAndRepeatsNothing() throws IOException {
        try (RotatingFile file = open(50, 0, Duration.ZERO, false)) {
            for (int i = 0; i < 100; i++) {
                file.take(line(i));
            }
        }
        List<String> lines = new ArrayList<>();
        for (String name : files()) {
            assertThat(Files.size(directory.resolve(name))).isLessThanOrEqualTo(50);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name))))
                    .isEqualTo("rw-------");
            lines.addAll(Files.readAllLines(directory.resolve(name)));
        }
        assertThat(lines).hasSize(100).doesNotHaveDuplicates();
    }

    @Test
    void goesOnWhereItEnded() throws IOException {
        open(1000, 0, Duration.ZERO, false).take(line(1));
        open(1000, 0, Duration.ZERO, false).take(line(2));
        assertThat(Files.readAllLines(directory.resolve("audit.log"))).containsExactly("line-00001", "line-00002");
    }

    @Test
    void keepsAsManyBackupsAsAsked() throws IOException {
        try (RotatingFile file = open(11, 2, Duration.ZERO, false)) {
            for (int i = 0; i < 6; i++) {
                now = now.plusSeconds(1);
                file.take(line(i));
            }
        }
        assertThat(files())
                .containsExactly("audit-2026-01-02T03-04-10.000.log", "audit-2026-01-02T03-04-11.000.log", "audit.log");
    }

    @Test
    void forgetsWhatIsTooOld() throws IOException {
        Files.writeString(directory.resolve("audit-notes.log"), "not a backup");
        try (RotatingFile file = open(11, 0, Duration.ofDays(1), false)) {
            file.take(line(0));
            file.take(line(1));
            now = now.plus(Duration.ofDays(2));
            file.take(line(2));
        }
        assertThat(files()).containsExactly("audit-2026-01-04T03-04-05.000.log", "audit-notes.log", "audit.log");
    }

    @Test
    void packsBackups() throws IOException {
        try (RotatingFile file = open(11, 0, Duration.ZERO, true)) {
            file.take(line(0));
            file.take(line(1));
        }
        assertThat(files()).containsExactly("audit-2026-01-02T03-04-05.000.log.gz", "audit.log");
        try (var packed =
                new GZIPInputStream(Files.newInputStream(directory.resolve("audit-2026-01-02T03-04-05.000.log.gz")))) {
            assertThat(packed.readAllBytes()).asString().isEqualTo("line-00000\n");
        }
    }
}
