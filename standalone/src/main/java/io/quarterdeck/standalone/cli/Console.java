package io.quarterdeck.standalone.cli;

import java.io.PrintStream;
import java.util.Locale;

/** What a user sees while something takes time: numbered steps with seconds, and a sign of life every few seconds. */
final class Console {
    private static final long SILENCE_MILLIS = 2_500;

    private final PrintStream out;
    private final int steps;
    private int step;
    private long begun;
    private long spoken;

    Console(PrintStream out, int steps) {
        this.out = out;
        this.steps = steps;
    }

    void begin(String what) {
        step++;
        begun = System.nanoTime();
        spoken = begun;
        out.printf(Locale.ROOT, "[%d/%d] %s%n", step, steps, what);
    }

    void done(String result) {
        out.printf(Locale.ROOT, "      %s (%.1f s)%n", result, (System.nanoTime() - begun) / 1e9);
    }

    /** Says that it still goes on, if nothing was said for a while. */
    void alive(String doing) {
        long now = System.nanoTime();
        if (now - spoken > SILENCE_MILLIS * 1_000_000) {
            spoken = now;
            out.printf(Locale.ROOT, "      ... %s (%.0f s)%n", doing, (now - begun) / 1e9);
        }
    }
}
