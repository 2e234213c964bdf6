package io.quarterdeck.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private final AtomicLong millis = new AtomicLong();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Console console = new Console(new PrintStream(said, true), () -> millis.get() * 1_000_000, 2);

    @Test
    void stepsAreNumberedAndTimed() {
        console.begin("Packages");
        millis.addAndGet(1_240);
        console.done("all installed");
        console.begin("Docker");
        millis.addAndGet(60);
        console.done("engine 28");
        assertThat(said).hasToString("""
                [1/2] Packages
                      all installed (1.2 s)
                [2/2] Docker
                      engine 28 (0.1 s)
                """);
    }

    @Test
    void aSignOfLifeComesBeforeThreeSecondsOfSilence() {
        console.begin("API");
        long silence = 0;
        long longest = 0;
        int lines = 1;
        for (int waited = 0; waited < 30_000; waited += 50) {
            millis.addAndGet(50);
            silence += 50;
            console.alive("waiting for the API");
            int now = said.toString().split("\n").length;
            if (now > lines) {
                lines = now;
                silence = 0;
            }
            longest = Math.max(longest, silence);
        }
        assertThat(longest).isBetween(1_000L, 2_999L);
        assertThat(said.toString()).contains("      ... waiting for the API (");
    }
}
