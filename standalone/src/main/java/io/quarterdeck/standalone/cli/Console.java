package io.quarterdeck.standalone.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** What a user sees while something takes time: numbered steps with seconds, and a sign of life every few seconds. */
final class Console {
    private static final long SILENCE_MILLIS = 2_500;

    private final PrintStream out;
    private final LongSupplier nanoTime;
    private final int steps;
    private int step;
    private long begun;
    private long spoken;

    Console(PrintStream out, int steps) {
        this(out, System::nanoTime, steps);
    }

    Console(PrintStream out, LongSupplier nanoTime, int steps) {
        this.out = out;
        this.nanoTime = nanoTime;
        this.steps = steps;
    }

    void begin(String what) {
        step++;
        begun = nanoTime.getAsLong();
        spoken = begun;
        out.printf(Locale.ROOT, "[%d/%d] %s%n", step, steps, what);
    }

    void done(String result) {
        out.printf(Locale.ROOT, "      %s (%.1f s)%n", result, (nanoTime.getAsLong() - begun) / 1e9);
    }

    /** Says that it still goes on, if nothing was said for a while. */
    void alive(String doing) {
        long now = nanoTime.getAsLong();
        if (now - spoken > SILENCE_MILLIS * 1_000_000) {
            spoken = now;
            out.printf(Locale.ROOT, "      ... %s (%.0f s)%n", doing, (now - begun) / 1e9);
        }
    }
}
