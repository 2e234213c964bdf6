package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * Keeps something derived from a few storages as new as the cache: whoever is about to read it calls {@link #catchUp},
 * which costs one comparison while nothing was committed. So a role that was created is in force for the next request,
 * without a thread and without a queue. Thread-safe.
 */
public final class CacheFollower {

    private static final int BATCH = 1_000;
    private static final Duration ANNOUNCEMENT = Duration.ofMillis(20);

    private final WatchCache cache;
    private final Map<GroupResource, BiConsumer<Change.Type, Entry>> handlers;
    private final Runnable reset;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Followed> followed = new ArrayList<>();
    private volatile long seen = -1;

    private record Followed(EventCursor cursor, BiConsumer<Change.Type, Entry> handler) {}

    /**
     * @param handlers called with every change of each storage, one at a time; ADDED for what was there at the start
     * @param reset forgets everything, before all is told anew
     */
    public CacheFollower(
            WatchCache cache, Map<GroupResource, BiConsumer<Change.Type, Entry>> handlers, Runnable reset) {
        this.cache = cache;
        this.handlers = new LinkedHashMap<>(handlers);
        this.reset = reset;
    }

    /** Returns when all that was committed before this call has been told. */
    public void catchUp() {
        long revision = cache.revision();
        if (seen >= revision) {
            return;
        }
        lock.lock();
        try {
            if (seen >= revision) {
                return;
            }
            try {
                drain(revision);
            } catch (StatusException fellBehind) {
                restart();
                drain(revision);
            }
            seen = revision;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StatusException.unavailable("the server is shutting down");
        } finally {
            lock.unlock();
        }
    }

    private void restart() {
        followed.forEach(one -> one.cursor().close());
        followed.clear();
        reset.run();
    }

    private void drain(long revision) throws InterruptedException {
        if (followed.isEmpty()) {
            handlers.forEach((storage, handler) -> followed.add(new Followed(
                    cache.watch(storage, Selection.ALL, new WatchStart.Existing(new Freshness.Any())), handler)));
        }
        for (Followed one : followed) {
            while (true) {
                List<WatchEvent> events = one.cursor().next(BATCH, Duration.ZERO);
                if (events.isEmpty() && one.cursor().initialEventsDone()) {
                    if (one.cursor().progress() >= revision) {
                        break;
                    }
                    // The event is there, its announcement to watchers is on the way.
                    events = one.cursor().next(BATCH, ANNOUNCEMENT);
                }
                for (WatchEvent event : events) {
                    one.handler().accept(event.type(), event.entry());
                }
            }
        }
    }
}
