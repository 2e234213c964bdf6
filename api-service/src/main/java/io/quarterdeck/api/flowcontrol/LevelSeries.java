package io.quarterdeck.api.flowcontrol;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The figures of one level, under upstream's names, as long as there is the level. Thread-safe. */
final class LevelSeries {

    private final MeterRegistry meters;
    private final String level;
    private final FairQueues queues;
    private final List<Meter> own = new ArrayList<>();
    private volatile SeatAllocation.Bounds bounds = new SeatAllocation.Bounds(0, 0, 0);
    private volatile SeatAllocation.Demand demand = new SeatAllocation.Demand(0, 0, 0, 0);
    private volatile double target;

    LevelSeries(MeterRegistry meters, String level, FairQueues queues) {
        this.meters = meters;
        this.level = level;
        this.queues = queues;
        gauge("nominal_limit_seats", "Nominal number of execution seats configured", () -> bounds.nominal());
        gauge("lower_limit_seats", "Configured lower bound on number of execution seats", () -> bounds.minimum());
        gauge("upper_limit_seats", "Configured upper bound on number of execution seats", () -> bounds.maximum());
        gauge("current_limit_seats", "Current derived number of execution seats available", queues::limit);
        gauge(
                "demand_seats_high_watermark",
                "High watermark, over last adjustment period, of demand",
                () -> demand.high());
        gauge(
                "demand_seats_average",
                "Time-weighted average, over last adjustment period, of demand",
                () -> demand.average());
        gauge(
                "demand_seats_stdev",
                "Time-weighted standard deviation, over last adjustment period, of demand",
                () -> demand.deviation());
        gauge("demand_seats_smoothed", "Smoothed seat demands", () -> demand.smooth());
        gauge("target_seats", "Seat allocation targets", () -> target);
        gauge("current_r", "R(time of last change)", () -> queues.progress().now());
        gauge("dispatch_r", "R(time of last dispatch)", () -> queues.progress().atDispatch());
        gauge(
                "latest_s",
                "S(most recently dispatched request)",
                () -> queues.progress().latest());
        bound("min", () -> queues.progress().nextLeast());
        bound("max", () -> queues.progress().nextMost());
    }

    private void gauge(String name, String what, Supplier<Number> value) {
        gauge(name, what, Tags.empty(), value);
    }

    private void bound(String which, Supplier<Number> value) {
        gauge(
                "next_s_bounds",
                "min and max, over queues, of S(oldest waiting request in queue)",
                Tags.of("bound", which),
                value);
    }

    private void gauge(String name, String what, Tags more, Supplier<Number> value) {
        own.add(Gauge.builder("apiserver_flowcontrol_" + name, value)
                .description(what)
                .tags(more.and("priority_level", level))
                .register(meters));
    }

    void bounds(SeatAllocation.Bounds now) {
        bounds = now;
    }

    void demand(SeatAllocation.Demand wanted, double seats) {
        demand = wanted;
        target = seats;
    }

    /** Takes its figures away where the level is gone, so that one of the same name can have its own. */
    boolean closedUnless(Set<String> levels) {
        if (levels.contains(level)) {
            return false;
        }
        own.forEach(meters::remove);
        return true;
    }
}
