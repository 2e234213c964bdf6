package io.quarterdeck.scheduler;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarterdeck.scheduler.queue.QueuedPod;
import io.quarterdeck.scheduler.queue.SchedulingQueue;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** Metrics under kube-scheduler's names. Thread-safe. */
final class SchedulerMetrics {

    private final Counter scheduled;
    private final Counter unschedulable;
    private final Counter errors;
    private final Timer algorithm;
    private final DistributionSummary attempts;
    private final DistributionSummary victims;

    SchedulerMetrics(MeterRegistry registry, SchedulingQueue queue) {
        scheduled = attempts(registry, "scheduled");
        unschedulable = attempts(registry, "unschedulable");
        errors = attempts(registry, "error");
        algorithm = Timer.builder("scheduler.scheduling.algorithm.duration")
                .description("Time that one decision takes")
                .register(registry);
        attempts = DistributionSummary.builder("scheduler.pod.scheduling.attempts")
                .description("Attempts until a pod has its node")
                .register(registry);
        victims = DistributionSummary.builder("scheduler.preemption.victims")
                .description("Pods deleted for one preemption")
                .register(registry);
        gauge(registry, queue, "active", SchedulingQueue.Depth::active);
        gauge(registry, queue, "backoff", SchedulingQueue.Depth::backingOff);
        gauge(registry, queue, "unschedulable", SchedulingQueue.Depth::unschedulable);
    }

    private static Counter attempts(MeterRegistry registry, String result) {
        return Counter.builder("scheduler.schedule.attempts")
                .description("Attempts to schedule pods, by their result")
                .tag("profile", "default-scheduler")
                .tag("result", result)
                .register(registry);
    }

    private static void gauge(
            MeterRegistry registry, SchedulingQueue queue, String part, ToIntFunction<SchedulingQueue.Depth> depth) {
        Gauge.builder("scheduler.pending.pods", queue, waiting -> depth.applyAsInt(waiting.depth()))
                .description("Pods that wait, by the part of the queue")
                .tag("queue", part)
                .register(registry);
    }

    <T> T timed(Supplier<T> decision) {
        return Objects.requireNonNull(algorithm.record(decision));
    }

    void scheduled(QueuedPod pod) {
        scheduled.increment();
        attempts.record(pod.attempts());
    }

    void unschedulable() {
        unschedulable.increment();
    }

    void failed() {
        errors.increment();
    }

    void preempted(int pods) {
        unschedulable.increment();
        victims.record(pods);
    }
}
