package io.quarterdeck.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBackedTest {

    @TempDir
    Path directory;

    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    private int readNumber(Path file) {
        try {
            return Integer.parseInt(Files.readString(file));
        } catch (IOException absent) {
            throw new UncheckedIOException(absent);
        }
    }

    private void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(now));
    }

    private FileBacked<Integer> backed(Path file) {
        return new FileBacked<>("The number", List.of(file), () -> readNumber(file), () -> now);
    }

    @Test
    void aChangeIsTakenOverWithinSeconds() throws IOException {
        Path file = directory.resolve("number");
        write(file, "1");
        FileBacked<Integer> number = backed(file);
        now = now.plusSeconds(1);
        write(file, "2");
        assertThat(number.get()).as("not looked at for each use").isEqualTo(1);
        now = now.plusSeconds(5);
        assertThat(number.get()).isEqualTo(2);
        assertThat(number.current().generation()).isEqualTo(2);
        now = now.plusSeconds(5);
        assertThat(number.current().generation()).as("nothing changed").isEqualTo(2);
    }

    @Test
    void whatCannotBeReadLeavesTheFormerInForce() throws IOException {
        Path file = directory.resolve("number");
        write(file, "1");
        FileBacked<Integer> number = backed(file);
        now = now.plusSeconds(5);
        write(file, "one");
        assertThat(number.current()).isEqualTo(new FileBacked.Version<>(1, 1));
        now = now.plusSeconds(5);
        Files.delete(file);
        assertThat(number.current()).isEqualTo(new FileBacked.Version<>(1, 1));
        now = now.plusSeconds(5);
        write(file, "3");
        assertThat(number.current()).isEqualTo(new FileBacked.Version<>(3, 2));
    }

    @Test
    void theFirstReadingHasToSucceed() {
        assertThatThrownBy(() -> backed(directory.resolve("absent"))).isInstanceOf(UncheckedIOException.class);
    }
}
