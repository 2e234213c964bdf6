package io.quarterdeck.scheduler;

import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.scheduler.cycle.Decision;
import io.quarterdeck.scheduler.cycle.SchedulingCycle;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.queue.QueuedPod;
import io.quarterdeck.scheduler.queue.SchedulingQueue;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop: takes the next pod, decides, and carries the decision out. One pod is decided at a time; bindings, which
 * wait for the API, run beside it, at most {@link #BINDINGS_AT_ONCE}.
 */
final class Scheduler implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Scheduler.class);
    private static final int BINDINGS_AT_ONCE = 64;

    private final SchedulingQueue queue;
    private final ClusterState state;
    private final SchedulingCycle cycle;
    private final PlacementWriter writer;
    private final RandomGenerator random;
    private final SchedulerMetrics metrics;
    private final BooleanSupplier leading;
    private final ExecutorService bindings = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore room = new Semaphore(BINDINGS_AT_ONCE);
    private @Nullable Thread loop;

    Scheduler(
            SchedulingQueue queue,
            ClusterState state,
            SchedulingCycle cycle,
            PlacementWriter writer,
            RandomGenerator random,
            SchedulerMetrics metrics,
            BooleanSupplier leading) {
        this.queue = queue;
        this.state = state;
        this.cycle = cycle;
        this.writer = writer;
        this.random = random;
        this.metrics = metrics;
        this.leading = leading;
    }

    void start() {
        loop = Thread.ofPlatform().name("scheduler").daemon().start(this::run);
    }

    private void run() {
        try {
            while (true) {
                if (!leading.getAsBoolean()) {
                    Thread.sleep(200);
                    continue;
                }
                Optional<QueuedPod> next = queue.take();
                if (next.isEmpty()) {
                    return;
                }
                try {
                    schedule(next.get());
                } catch (StatusException refused) {
                    log.warn("scheduling {} failed: {}", next.get().pod(), refused.text());
                    queue.failed(next.get());
                    metrics.failed();
                } catch (RuntimeException unexpected) {
                    log.error("scheduling {} failed", next.get().pod(), unexpected);
                    queue.failed(next.get());
                    metrics.failed();
                }
            }
        } catch (InterruptedException | CancellationException stopped) {
            log.debug("the scheduler stops");
        }
    }

    private void schedule(QueuedPod queued) throws InterruptedException {
        PodInfo pod = queued.pod();
        if (pod.terminating() || state.nodeOf(pod.uid()).isPresent()) {
            queue.done();
            return;
        }
        Decision decision = metrics.timed(() -> cycle.schedule(pod, state.snapshot(), random::nextInt));
        switch (decision) {
            case Decision.Bind(String node) -> {
                state.place(pod, node);
                queue.done();
                bindBeside(queued, node);
            }
            case Decision.Wait wait -> {
                state.forgetNomination(pod.uid());
                queue.refused(wait.refusedBy());
                metrics.unschedulable();
                writer.refuse(pod, wait.message(), Optional.empty());
            }
            case Decision.Preempt preempt -> {
                state.nominate(pod, preempt.node());
                metrics.preempted(preempt.victims().size());
                queue.refused(preempt.refusedBy());
                writer.refuse(pod, preempt.message(), Optional.of(preempt.node()));
                preempt.victims().stream()
                        .filter(victim -> !victim.terminating())
                        .forEach(victim -> writer.evict(victim, pod, preempt.node()));
            }
        }
    }

    private void bindBeside(QueuedPod queued, String node) throws InterruptedException {
        room.acquire();
        try {
            bindings.execute(() -> {
                try {
                    bind(queued, node);
                } finally {
                    room.release();
                }
            });
        } catch (RejectedExecutionException stopping) {
            room.release();
        }
    }

    private void bind(QueuedPod queued, String node) {
        PodInfo pod = queued.pod();
        try {
            writer.bind(pod, node);
            metrics.scheduled(queued);
        } catch (StatusException refused) {
            state.unplace(pod.uid());
            if (refused.code() == 404) {
                queue.remove(new ObjectKey(pod.namespace(), pod.name()));
                return;
            }
            log.warn("binding {} to {} failed: {}", pod, node, refused.text());
            metrics.failed();
            queue.failed(queued);
        }
    }

    @Override
    public void close() {
        queue.close();
        Thread running = loop;
        if (running != null) {
            running.interrupt();
        }
        bindings.shutdownNow();
    }
}
