package io.quarterdeck.api.http;

import io.quarterdeck.model.StatusException;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * How many requests may be worked on at once, reading and writing apart; long ones (watches, tunnels) and the
 * administrators' are not counted. Thread-safe. Source: upstream's max-in-flight filter.
 */
final class RequestLimits {

    private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete", "deletecollection");
    private static final int RETRY_AFTER_SECONDS = 1;

    private final Semaphore reading;
    private final Semaphore writing;

    RequestLimits(int reading, int writing) {
        this.reading = new Semaphore(reading);
        this.writing = new Semaphore(writing);
    }

    /** @throws StatusException 429 when as many are at work */
    Semaphore enter(String verb) {
        Semaphore permits = WRITES.contains(verb) ? writing : reading;
        if (!permits.tryAcquire()) {
            throw StatusException.tooManyRequests("too many requests, please try again later.", RETRY_AFTER_SECONDS);
        }
        return permits;
    }
}
