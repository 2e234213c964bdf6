package io.quarterdeck.api.callout;

import java.time.Duration;

/**
 * The pauses between the tries of one call to a webhook: five tries, each pause half as long again as the one before it.
 * For one thread.
 *
 * <p>Source: apiserver, util/webhook, DefaultRetryBackoffWithInitialDelay.
 */
public final class BackOff {

    private static final int TRIES = 5;
    private static final double GROWTH = 1.5;

    private double pauseMillis;
    private int failures;

    /** @param first the pause after a first failure */
    public BackOff(Duration first) {
        this.pauseMillis = first.toMillis();
    }

    /**
     * Called after a failure: waits until the next try is due.
     *
     * @return false, at once, when there is none
     */
    public boolean awaitNext() throws InterruptedException {
        if (++failures == TRIES) {
            return false;
        }
        Thread.sleep((long) pauseMillis);
        pauseMillis *= GROWTH;
        return true;
    }
}
