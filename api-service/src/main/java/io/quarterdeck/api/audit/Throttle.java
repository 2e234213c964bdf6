package io.quarterdeck.api.audit;

import java.util.concurrent.TimeUnit;

/** Lets so many pass in a second; after a quiet time some more at once. Thread-safe. */
final class Throttle {

    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    private final double perSecond;
    private final int burst;
    private double allowance;
    private long at = System.nanoTime();

    Throttle(double perSecond, int burst) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.allowance = burst;
    }

    /** Waits for one's turn. */
    void pass() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(reserve(System.nanoTime()));
    }

    /** Takes the next turn, and says how many nanoseconds it is away. */
    synchronized long reserve(long now) {
        allowance = Math.min(burst, allowance + (now - at) / SECOND * perSecond) - 1;
        at = now;
        return allowance >= 0 ? 0 : (long) (-allowance / perSecond * SECOND);
    }
}
