package io.quarterdeck.reconcile;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes keys from a queue and works on them, several at once but never twice on one key. A failed key returns with
 * back-off. Thread-safe.
 */
public final class KeyedLoop<K> {

    private static final Logger log = LoggerFactory.getLogger(KeyedLoop.class);

    private final String name;
    private final int workers;
    private final Step<K> step;
    private final InstantSource clock;
    private final WorkQueueMetrics metrics;
    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable WorkQueue<K> queue;
    private volatile @Nullable Fault last;

    private record Fault(String text, Instant at) {}

    /** Works on one key; whatever it throws is a failure. */
    @FunctionalInterface
    public interface Step<K> {
        Done work(K key) throws InterruptedException;
    }

    /**
     * How a step ended.
     *
     * @param again when to look at the key again at the latest
     * @param settle what must be waited for before the key may be looked at again
     */
    public record Done(Optional<Duration> again, Settling settle) {
        public static final Settling AT_ONCE = () -> {};
        public static final Done DONE = new Done(Optional.empty(), AT_ONCE);

        public static Done againAfter(Duration delay) {
            return new Done(Optional.of(delay), AT_ONCE);
        }
    }

    @FunctionalInterface
    public interface Settling {
        void await() throws InterruptedException;
    }

    /** A failure with nothing behind it that an operator should see: the key is looked at again with back-off. */
    public static final class TryAgain extends RuntimeException {
        public TryAgain(String message) {
            super(message, null, false, false);
        }
    }

    public KeyedLoop(String name, int workers, Step<K> step, InstantSource clock, MeterRegistry registry) {
        this.name = name;
        this.workers = workers;
        this.step = step;
        this.clock = clock;
        this.metrics = new WorkQueueMetrics(registry, name);
    }

    public synchronized void start() {
        WorkQueue<K> fresh = new WorkQueue<>(System::nanoTime, metrics);
        metrics.observe(fresh);
        queue = fresh;
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofVirtual().name(name + "-" + i).start(() -> run(fresh)));
        }
    }

    public synchronized void stop() {
        WorkQueue<K> running = queue;
        queue = null;
        if (running != null) {
            running.close();
        }
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(5));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        threads.clear();
    }

    /** Ignored while the loop is stopped. */
    public void add(K key) {
        WorkQueue<K> running = queue;
        if (running != null) {
            running.add(key);
        }
    }

    public void addAfter(K key, Duration delay) {
        WorkQueue<K> running = queue;
        if (running != null) {
            running.addAfter(key, delay);
        }
    }

    public boolean running() {
        return queue != null;
    }

    public Controller.State state() {
        WorkQueue<K> running = queue;
        Fault fault = last;
        return new Controller.State(
                name,
                running != null,
                running == null ? 0 : running.depth(),
                fault == null ? "" : fault.text(),
                fault == null ? "" : fault.at().toString());
    }

    private void run(WorkQueue<K> from) {
        try {
            for (Optional<K> key = from.take(); key.isPresent(); key = from.take()) {
                work(from, key.get());
            }
        } catch (InterruptedException | CancellationException stopped) {
            log.debug("{}: worker ends", name);
        }
    }

    private void work(WorkQueue<K> from, K key) throws InterruptedException {
        Done done = Done.DONE;
        try {
            done = step.work(key);
            from.forget(key);
            done.again().ifPresent(delay -> from.addAfter(key, delay));
        } catch (TryAgain | StatusException expected) {
            failed(from, key, String.valueOf(expected.getMessage()), null);
        } catch (InterruptedException | CancellationException stopped) {
            from.done(key);
            throw stopped;
        } catch (RuntimeException fault) {
            failed(from, key, String.valueOf(fault), fault);
        }
        if (done.settle() == Done.AT_ONCE) {
            from.done(key);
            return;
        }
        Settling settle = done.settle();
        // The worker goes on with other keys while this one waits for the cache.
        Thread.ofVirtual().name(name + "-settle").start(() -> {
            try {
                settle.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } finally {
                from.done(key);
            }
        });
    }

    private void failed(WorkQueue<K> from, K key, String text, @Nullable RuntimeException fault) {
        from.addRateLimited(key);
        if (fault != null) {
            last = new Fault(key + ": " + text, clock.instant());
            log.error("{}: {} failed", name, key, fault);
        } else if (from.failures(key) > 3) {
            // The first conflicts of a busy object are daily business.
            last = new Fault(key + ": " + text, clock.instant());
            log.warn("{}: {} failed: {}", name, key, text);
        } else {
            log.debug("{}: {} failed: {}", name, key, text);
        }
    }
}
