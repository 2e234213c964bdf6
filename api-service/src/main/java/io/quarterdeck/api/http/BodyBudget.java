package io.quarterdeck.api.http;

import io.quarterdeck.model.StatusException;
import java.util.concurrent.atomic.AtomicLong;

/** How much of the heap the bodies of all requests at work may take. Thread-safe. */
final class BodyBudget {

    private static final int RETRY_AFTER_SECONDS = 1;

    private final int largest;
    private final long together;
    private final AtomicLong taken = new AtomicLong();

    /**
     * @param largest bytes that one request may bring
     * @param together bytes that all may bring at once
     */
    BodyBudget(int largest, long together) {
        this.largest = largest;
        this.together = together;
    }

    int largest() {
        return largest;
    }

    /** @throws StatusException 429 when the others' bodies leave no room */
    void take(long bytes) {
        if (taken.addAndGet(bytes) > together) {
            taken.addAndGet(-bytes);
            throw StatusException.tooManyRequests("too many requests, please try again later.", RETRY_AFTER_SECONDS);
        }
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }
}
