package io.quarterdeck.api.flowcontrol;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The figures of one flow schema at one level, under upstream's names. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "API Priority and Fairness", metrics.
 */
final class FlowSeries {

    private static final String PREFIX = "apiserver_flowcontrol_";
    private static final Duration[] BUCKETS = Stream.of(
                    5, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry meters;
    private final Tags labels;
    private final AtomicInteger waitingRequests = new AtomicInteger();
    private final AtomicInteger waitingSeats = new AtomicInteger();
    private final AtomicInteger executingRequests = new AtomicInteger();
    private final AtomicInteger executingSeats = new AtomicInteger();
    private final Counter dispatched;
    private final Counter unaccommodated;
    private final Timer waited;
    private final Timer waitedInVain;
    private final Timer executed;
    private final Timer watched;
    private final DistributionSummary lengths;
    private final DistributionSummary widths;

    FlowSeries(MeterRegistry meters, String schema, String level) {
        this.meters = meters;
        this.labels = Tags.of("flow_schema", schema, "priority_level", level);
        gauge("current_inqueue_requests", waitingRequests, "Number of requests currently pending in queues");
        gauge("current_inqueue_seats", waitingSeats, "Number of seats currently pending in queues");
        gauge("current_executing_requests", executingRequests, "Number of requests that are executed");
        gauge("current_executing_seats", executingSeats, "Number of seats of requests that are executed");
        this.dispatched = Counter.builder(PREFIX + "dispatched_requests")
                .description("Number of requests executed by API Priority and Fairness subsystem")
                .tags(labels)
                .register(meters);
        this.unaccommodated = Counter.builder(PREFIX + "request_dispatch_no_accommodation")
                .description("Number of times a request was next and found no seat")
                .tags(labels)
                .register(meters);
        this.waited = wait("true");
        this.waitedInVain = wait("false");
        this.executed = execution("regular");
        this.watched = execution("watch");
        this.lengths = summary(
                "request_queue_length_after_enqueue",
                "Length of queue, as seen by each request after it is enqueued",
                10,
                25,
                50,
                100,
                250,
                500,
                1_000);
        this.widths = summary(
                "work_estimated_seats",
                "Number of estimated seats associated with requests",
                1,
                2,
                4,
                8,
                16,
                32,
                64,
                100);
    }

    private void gauge(String name, AtomicInteger value, String what) {
        Gauge.builder(PREFIX + name, value, AtomicInteger::get)
                .description(what)
                .tags(labels)
                .register(meters);
    }

    private Timer wait(String executed) {
        return Timer.builder(PREFIX + "request_wait_duration_seconds")
                .description("Length of time a request spent waiting in its queue")
                .tags(labels.and("execute", executed))
                .serviceLevelObjectives(BUCKETS)
                .register(meters);
    }

    private Timer execution(String type) {
        return Timer.builder(PREFIX + "request_execution_seconds")
                .description(
                        "Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution")
                .tags(labels.and("type", type))
                .serviceLevelObjectives(BUCKETS)
                .register(meters);
    }

    private DistributionSummary summary(String name, String what, double... buckets) {
        return DistributionSummary.builder(PREFIX + name)
                .description(what)
                .tags(labels)
                .serviceLevelObjectives(buckets)
                .register(meters);
    }

    void estimated(int seats) {
        widths.record(seats);
    }

    void queued(int seats, int length) {
        waitingRequests.incrementAndGet();
        waitingSeats.addAndGet(seats);
        lengths.record(length);
    }

    void leftQueue(int seats) {
        waitingRequests.decrementAndGet();
        waitingSeats.addAndGet(-seats);
    }

    void foundNoSeat() {
        unaccommodated.increment();
    }

    void started(int seats) {
        executingRequests.incrementAndGet();
        executingSeats.addAndGet(seats);
        dispatched.increment();
    }

    void ended(int seats, boolean watch, long nanos) {
        executingRequests.decrementAndGet();
        executingSeats.addAndGet(-seats);
        (watch ? watched : executed).record(nanos, TimeUnit.NANOSECONDS);
    }

    void waited(boolean forASeat, long nanos) {
        (forASeat ? waited : waitedInVain).record(nanos, TimeUnit.NANOSECONDS);
    }

    void rejected(String reason) {
        meters.counter(PREFIX + "rejected_requests", labels.and("reason", reason))
                .increment();
    }
}
