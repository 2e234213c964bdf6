package io.quarterdeck.standalone.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void inTheDirectory() {
        file = directory.resolve("lock");
    }

    @Test
    void hasOneHolderAtATime() throws Exception {
        assertThat(ProcessLock.isHeld(file)).isFalse();
        ProcessLock lock = ProcessLock.take(file).orElseThrow();
        assertThat(ProcessLock.take(file)).isEmpty();
        assertThat(ProcessLock.isHeld(file)).isTrue();
        lock.close();
        assertThat(ProcessLock.isHeld(file)).isFalse();
    }

    @Test
    void isTakenByAnyNameOfTheFile() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        try (ProcessLock lock = ProcessLock.take(file).orElseThrow()) {
            lock.write("held");
            assertThat(ProcessLock.take(directory.resolve("./lock"))).isEmpty();
            assertThat(ProcessLock.take(link)).isEmpty();
            assertThat(anotherProcessTakes(file)).isFalse();
        }
    }

    /** Each look is one that may close a descriptor of the file. */
    @Test
    void isNotLostWhenItsOwnProcessLooksAtIt() throws Exception {
        try (ProcessLock lock = ProcessLock.take(file).orElseThrow()) {
            lock.write("this one");
            ProcessLock.take(file);
            ProcessLock.isHeld(file);
            assertThat(ProcessLock.holder(file)).contains("this one");

            assertThat(anotherProcessTakes(file)).isFalse();
        }
        assertThat(anotherProcessTakes(file)).isTrue();
    }

    private static boolean anotherProcessTakes(Path file) throws IOException, InterruptedException {
        Process taker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Taker.class.getName(),
                        file.toString())
                .inheritIO()
                .start();
        assertThat(taker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return taker.exitValue() == 0;
    }

    static final class Taker {
        public static void main(String[] arguments) throws IOException {
            System.exit(ProcessLock.take(Path.of(arguments[0])).isPresent() ? 0 : 1);
        }
    }
}
