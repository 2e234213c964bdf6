package io.quarterdeck.reconcile;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Upstream's work queue metrics, {@code workqueue_*}, labelled with the queue's name. Thread-safe. */
public final class WorkQueueMetrics {

    private static final double[] NOTHING = {0, 0};

    private final AtomicInteger depth = new AtomicInteger();
    private volatile Supplier<double[]> unfinished = () -> NOTHING;
    private final Counter adds;
    private final Counter retries;
    private final Timer waiting;
    private final Timer working;

    public WorkQueueMetrics(MeterRegistry registry, String name) {
        Gauge.builder("workqueue.depth", depth, AtomicInteger::get)
                .tag("name", name)
                .register(registry);
        Gauge.builder(
                        "workqueue.unfinished.work.seconds",
                        this,
                        metrics -> metrics.unfinished.get()[0])
                .tag("name", name)
                .register(registry);
        Gauge.builder(
                        "workqueue.longest.running.processor.seconds",
                        this,
                        metrics -> metrics.unfinished.get()[1])
                .tag("name", name)
                .register(registry);
        adds = Counter.builder("workqueue.adds").tag("name", name).register(registry);
        retries = Counter.builder("workqueue.retries").tag("name", name).register(registry);
        waiting = Timer.builder("workqueue.queue.duration").tag("name", name).register(registry);
        working = Timer.builder("workqueue.work.duration").tag("name", name).register(registry);
    }

    /** The queue whose unfinished work is shown from now on. */
    void observe(WorkQueue<?> queue) {
        unfinished = queue::unfinishedSeconds;
    }

    void depth(int keys) {
        depth.set(keys);
    }

    void added() {
        adds.increment();
    }

    void retried() {
        retries.increment();
    }

    void waited(Duration duration) {
        waiting.record(duration);
    }

    void worked(Duration duration) {
        working.record(duration);
    }
}
