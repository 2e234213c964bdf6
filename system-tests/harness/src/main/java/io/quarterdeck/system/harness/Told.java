package io.quarterdeck.system.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.Supplier;

/** How a failure must reach a user: one line of cause, one command that mends it, no stack trace, without waiting for anything. */
public final class Told {
    /** Seconds at most, on a busy machine tens of them; whoever waits for something that will not come takes longer than this. */
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private Told() {}

    /** Runs the failing command. */
    public static void told(Supplier<Commands.Result> command, String cause, String remedy) {
        long begun = System.nanoTime();
        Commands.Result result = command.get();
        Duration taken = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(result.status()).as(result.out()).isNotZero();
        assertThat(result.err().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("error: ").contains(cause),
                        line -> assertThat(line).startsWith("  try: ").contains(remedy));
        assertThat(result.err()).doesNotContain("Exception");
        assertThat(taken).isLessThan(LIMIT);
    }
}
