package io.quarterdeck.scheduler;

import io.quarterdeck.feed.Informers;
import io.quarterdeck.reconcile.LeaderElection;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Starts informers first, then the loop, then asks for the lead; ends them in the other order. */
final class SchedulerLifecycle implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(SchedulerLifecycle.class);

    private final Informers informers;
    private final ClusterEvents changes;
    private final Function<BooleanSupplier, Scheduler> makeScheduler;
    private final BiFunction<Runnable, Runnable, LeaderElection> makeElection;
    private final boolean elect;
    private volatile boolean leading;
    private @Nullable Scheduler scheduler;
    private @Nullable LeaderElection election;
    private @Nullable Thread starter;

    SchedulerLifecycle(
            Informers informers,
            ClusterEvents changes,
            Function<BooleanSupplier, Scheduler> makeScheduler,
            BiFunction<Runnable, Runnable, LeaderElection> makeElection,
            boolean elect) {
        this.informers = informers;
        this.changes = changes;
        this.makeScheduler = makeScheduler;
        this.makeElection = makeElection;
        this.elect = elect;
    }

    boolean leading() {
        return leading;
    }

    @Override
    public synchronized boolean isRunning() {
        return starter != null;
    }

    @Override
    public synchronized void start() {
        if (starter == null) {
            starter = Thread.ofVirtual().name("scheduler-start").start(this::begin);
        }
    }

    private void begin() {
        try {
            changes.follow(informers);
            informers.start();
            while (!informers.awaitSynced(Duration.ofSeconds(30))) {
                log.info("still waiting for the first lists from the API");
            }
            synchronized (this) {
                scheduler = makeScheduler.apply(() -> leading);
                scheduler.start();
                if (elect) {
                    election = makeElection.apply(() -> leading = true, () -> leading = false);
                    election.start();
                } else {
                    leading = true;
                }
            }
        } catch (InterruptedException | CancellationException stopped) {
            log.debug("stopped before the scheduler began");
        }
    }

    @Override
    public synchronized void stop() {
        leading = false;
        if (starter != null) {
            starter.interrupt();
            starter = null;
        }
        if (election != null) {
            election.close();
        }
        if (scheduler != null) {
            scheduler.close();
        }
    }
}
