package io.quarterdeck.node.pods;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a container that keeps ending waits before it is started again: 10 s, doubled each time up to 5 min, forgotten
 * after 10 min of running. Source: "Pod lifecycle", how pods handle problems with containers.
 */
record BackOff(Duration delay, Instant since) {

    static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofMinutes(5);

    static BackOff after(Instant finishedAt) {
        return new BackOff(FIRST, finishedAt);
    }

    BackOff next(Instant finishedAt) {
        if (expired(finishedAt)) {
            return after(finishedAt);
        }
        Duration doubled = delay.multipliedBy(2);
        return new BackOff(doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled, finishedAt);
    }

    /** When a container that ended at {@code finishedAt} may be started. */
    Instant until(Instant finishedAt) {
        return expired(finishedAt) ? finishedAt : finishedAt.plus(delay);
    }

    private boolean expired(Instant finishedAt) {
        return Duration.between(since, finishedAt).compareTo(LONGEST.multipliedBy(2)) > 0;
    }

    /** The delay as upstream prints durations: {@code 40s}, {@code 1m20s}, {@code 5m0s}. */
    String words() {
        return delay.toMinutes() > 0 ? delay.toMinutes() + "m" + delay.toSecondsPart() + "s" : delay.toSeconds() + "s";
    }
}
