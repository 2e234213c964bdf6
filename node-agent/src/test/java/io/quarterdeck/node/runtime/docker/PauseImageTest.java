package io.quarterdeck.node.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PauseImageTest {

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void theProgramWaitsAndEndsOnASignal(@TempDir Path directory) throws Exception {
        Path program = directory.resolve("pause");
        Files.write(program, PauseImage.program());
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Process process = new ProcessBuilder(program.toString()).start();
        try {
            // 128 is rt_sigtimedwait.
            await().until(() -> Files.readString(Path.of("/proc", Long.toString(process.pid()), "syscall"))
                    .startsWith("128 "));
            process.destroy();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void theImageIsTheSameEachTime() {
        assertThat(PauseImage.archive()).isEqualTo(PauseImage.archive());
    }
}
