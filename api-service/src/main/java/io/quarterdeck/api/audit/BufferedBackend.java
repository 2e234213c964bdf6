package io.quarterdeck.api.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects events and delivers them in batches from a thread of its own, so that a slow receiver makes no request wait.
 * When more waits than fits, events are lost, counted and said. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Auditing", event batching.
 */
final class BufferedBackend implements AuditBackend {

    private static final Logger LOG = LoggerFactory.getLogger(BufferedBackend.class);
    private static final int TRIES = 5;

    /**
     * @param buffer how many events may wait
     * @param batch how many are delivered at once
     * @param linger how long an unfinished batch waits for more
     * @param backOff the pause after a first failure; doubled with each
     */
    record Limits(int buffer, int batch, Duration linger, Duration backOff) {}

    /** Brings a batch to its receiver; an exception means that it did not arrive and is tried again. */
    interface Delivery extends AutoCloseable {
        void deliver(List<byte[]> events) throws Exception;
    }

    /** Told how many events were lost. */
    interface Losses {
        void lost(int events);
    }

    private final String name;
    private final Limits limits;
    private final Delivery delivery;
    private final Losses losses;
    private final BlockingQueue<byte[]> queue;
    private final Thread thread;
    private volatile boolean closing;

    BufferedBackend(String name, Limits limits, Delivery delivery, Losses losses) {
        this.name = name;
        this.limits = limits;
        this.delivery = delivery;
        this.losses = losses;
        this.queue = new ArrayBlockingQueue<>(limits.buffer());
        this.thread = Thread.ofVirtual().name("audit-" + name).start(this::run);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void take(byte[] event) {
        if (!queue.offer(event)) {
            losses.lost(1);
        }
    }

    private void run() {
        List<byte[]> batch = new ArrayList<>();
        while (!closing || !queue.isEmpty()) {
            try {
                collect(batch);
                if (!batch.isEmpty()) {
                    deliver(batch);
                    batch.clear();
                }
            } catch (InterruptedException stopping) {
                closing = true;
            }
        }
        if (!batch.isEmpty()) {
            losses.lost(batch.size());
        }
    }

    private void collect(List<byte[]> batch) throws InterruptedException {
        if (batch.isEmpty()) {
            byte[] first = closing ? queue.poll() : queue.poll(1, TimeUnit.SECONDS);
            if (first == null) {
                return;
            }
            batch.add(first);
        }
        long end = System.nanoTime() + limits.linger().toNanos();
        while (batch.size() < limits.batch()) {
            long left = end - System.nanoTime();
            byte[] next = closing || left <= 0 ? queue.poll() : queue.poll(left, TimeUnit.NANOSECONDS);
            if (next == null) {
                return;
            }
            batch.add(next);
        }
    }

    private void deliver(List<byte[]> batch) throws InterruptedException {
        Duration pause = limits.backOff();
        for (int attempt = 1; ; attempt++) {
            try {
                delivery.deliver(List.copyOf(batch));
                return;
            } catch (InterruptedException stopping) {
                throw stopping;
            } catch (Exception failed) {
                if (attempt == TRIES || closing) {
                    LOG.error("{} audit events are lost to backend {}: {}", batch.size(), name, failed.getMessage());
                    losses.lost(batch.size());
                    return;
                }
                Thread.sleep(pause);
                pause = pause.multipliedBy(2);
            }
        }
    }

    /** Delivers what waits, for a bounded time. */
    @Override
    public void close() {
        closing = true;
        try {
            if (!thread.join(Duration.ofSeconds(2))) {
                thread.interrupt();
                thread.join(Duration.ofSeconds(3));
            }
            delivery.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("The audit backend {} did not end well: {}", name, e.getMessage());
        }
    }
}
