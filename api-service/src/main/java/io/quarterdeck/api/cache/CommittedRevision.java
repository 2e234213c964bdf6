package io.quarterdeck.api.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the committed revision for many readers at once: each gets the answer of a query that was sent after it came,
 * and all who wait share it. Thread-safe.
 */
final class CommittedRevision {

    private final LongSupplier query;
    private final Object lock = new Object();
    private @Nullable CompletableFuture<Long> running;
    private @Nullable CompletableFuture<Long> next;

    CommittedRevision(LongSupplier query) {
        this.query = query;
    }

    long read() {
        CompletableFuture<Long> mine;
        CompletableFuture<Long> before;
        boolean leads;
        synchronized (lock) {
            before = running;
            if (before == null) {
                mine = new CompletableFuture<>();
                running = mine;
                leads = true;
            } else {
                leads = next == null;
                mine = next == null ? new CompletableFuture<>() : next;
                next = mine;
            }
        }
        if (leads) {
            if (before != null) {
                before.exceptionally(failed -> 0L).join();
            }
            lead(mine);
        }
        try {
            return mine.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void lead(CompletableFuture<Long> mine) {
        synchronized (lock) {
            // Whoever comes from here on may not rely on this query any more.
            running = mine;
            if (next == mine) {
                next = null;
            }
        }
        try {
            mine.complete(query.getAsLong());
        } catch (RuntimeException e) {
            mine.completeExceptionally(e);
        } finally {
            synchronized (lock) {
                if (running == mine) {
                    running = null;
                }
            }
        }
    }
}
