package io.quarterdeck.api.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps events and delivers them in batches from threads of its own, so that a slow receiver makes no request wait.
 * When more waits than fits, events are lost and counted. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Auditing", event batching.
 */
final class BufferedBackend implements AuditBackend {

    private static final int MOST_SECONDS_OF_CLOSING = 5;

    /**
     * @param buffer how many events may wait
     * @param batch how many are delivered at once
     * @param linger how long an unfinished batch waits for more
     */
    record Limits(int buffer, int batch, Duration linger) {}

    private final Limits limits;
    private final Courier courier;
    private final @Nullable Throttle throttle;
    private final BlockingQueue<byte[]> queue;
    private final Thread thread;
    private final Phaser underWay = new Phaser(1);
    private volatile boolean closing;

    /** @param throttle of batches that go side by side; null where each waits for the one before, in order */
    BufferedBackend(Limits limits, Courier courier, @Nullable Throttle throttle) {
        this.limits = limits;
        this.courier = courier;
        this.throttle = throttle;
        this.queue = new ArrayBlockingQueue<>(limits.buffer());
        this.thread = Thread.ofVirtual().name("audit-" + courier.name()).start(this::run);
    }

    @Override
    public String name() {
        return courier.name();
    }

    @Override
    public boolean take(byte[] event) {
        if (!queue.offer(event)) {
            courier.lost(1);
        }
        return true;
    }

    private void run() {
        List<byte[]> batch = new ArrayList<>();
        while (!closing || !queue.isEmpty()) {
            try {
                collect(batch);
                if (!batch.isEmpty()) {
                    deliver(List.copyOf(batch));
                    batch.clear();
                }
            } catch (InterruptedException stopping) {
                closing = true;
            }
        }
        if (!batch.isEmpty()) {
            courier.lost(batch.size());
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
        if (throttle == null) {
            courier.bring(batch);
            return;
        }
        throttle.pass();
        underWay.register();
        Thread.ofVirtual().name("audit-" + courier.name() + "-batch").start(() -> {
            try {
                courier.bring(batch);
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                courier.lost(batch.size());
            } finally {
                underWay.arriveAndDeregister();
            }
        });
    }

    /** Delivers what waits, for a bounded time. */
    @Override
    public void close() {
        closing = true;
        courier.hurry();
        try {
            if (thread.join(Duration.ofSeconds(2))) {
                underWay.awaitAdvanceInterruptibly(
                        underWay.arriveAndDeregister(), MOST_SECONDS_OF_CLOSING, TimeUnit.SECONDS);
            } else {
                thread.interrupt();
                thread.join(Duration.ofSeconds(3));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException slow) {
            thread.interrupt();
        }
        courier.close();
    }
}
