package io.quarterdeck.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessEndTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void aProcessThatItsParentDoesNotAskForHasEnded() throws IOException {
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0.01 & echo $!; exec sleep 300").start();
        try (var said = parent.inputReader()) {
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(said.readLine().strip())).orElseThrow();
            assertThat(ProcessEnd.await(child, LONG)).isTrue();
            assertThat(child.isAlive()).as("what Java says of it").isTrue();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aRunningProcessHasNotEnded() throws IOException {
        Process running = new ProcessBuilder("sleep", "300").start();
        assertThat(ProcessEnd.await(running.toHandle(), Duration.ofMillis(50))).isFalse();
        running.destroyForcibly();
        assertThat(ProcessEnd.await(running.toHandle(), LONG)).isTrue();
    }

    @Test
    void aDeadFirstThreadIsNoDeadProcess() {
        String others = " 1 1 1 0 -1 4194304 1 0 0 0 1 0 0 0 20 0 ";
        assertThat(ProcessEnd.isDead("7 (a) (b) Z" + others + "1 0 99")).isTrue();
        assertThat(ProcessEnd.isDead("7 (a) (b) Z" + others + "12 0 99")).isFalse();
        assertThat(ProcessEnd.isDead("7 (a) Z) S" + others + "1 0 99")).isFalse();
    }
}
