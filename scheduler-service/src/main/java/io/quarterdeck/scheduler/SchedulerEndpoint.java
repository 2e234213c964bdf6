package io.quarterdeck.scheduler;

import io.quarterdeck.scheduler.queue.SchedulingQueue;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;

/** The queue and who leads, for operators: {@code /actuator/scheduler}. */
@Component
@Endpoint(id = "scheduler")
class SchedulerEndpoint {

    private final SchedulingQueue queue;
    private final SchedulerLifecycle lifecycle;

    SchedulerEndpoint(SchedulingQueue queue, SchedulerLifecycle lifecycle) {
        this.queue = queue;
        this.lifecycle = lifecycle;
    }

    record Report(boolean leading, SchedulingQueue.Depth queue) {}

    @ReadOperation
    Report report() {
        return new Report(lifecycle.leading(), queue.depth());
    }
}
