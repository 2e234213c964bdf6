package io.quarterdeck.controller;

import io.quarterdeck.feed.Informers;
import io.quarterdeck.reconcile.Controller;
import io.quarterdeck.reconcile.LeaderElection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * All controllers of this process: informers first, then, while this process leads, the controllers. Thread-safe.
 */
final class Controllers implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Controllers.class);

    private final Informers informers;
    private final List<Controller> controllers;
    private final BiFunction<Runnable, Runnable, LeaderElection> election;
    private final boolean elect;
    private volatile boolean leading;
    private volatile boolean stopped;
    private @Nullable LeaderElection running;
    private @Nullable Thread starter;

    /** @param election makes the election from what to do on gaining and on losing the lead */
    Controllers(
            Informers informers,
            List<Controller> controllers,
            BiFunction<Runnable, Runnable, LeaderElection> election,
            boolean elect) {
        this.informers = informers;
        this.controllers = List.copyOf(controllers);
        this.election = election;
        this.elect = elect;
    }

    List<Controller> all() {
        return controllers;
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
            stopped = false;
            starter = Thread.ofVirtual().name("controllers-start").start(this::begin);
        }
    }

    private void begin() {
        try {
            informers.start();
            while (!informers.awaitSynced(Duration.ofSeconds(30))) {
                log.info("still waiting for the first lists from the API");
            }
            synchronized (this) {
                if (stopped) {
                    return;
                }
                if (elect) {
                    running = election.apply(this::lead, this::follow);
                    running.start();
                } else {
                    lead();
                }
            }
        } catch (InterruptedException | CancellationException ended) {
            log.debug("stopped before the controllers began");
        }
    }

    private void lead() {
        leading = true;
        controllers.forEach(Controller::start);
        log.info("{} controllers run", controllers.size());
    }

    private void follow() {
        leading = false;
        controllers.forEach(Controller::stop);
        log.info("the controllers rest");
    }

    @Override
    public void stop() {
        LeaderElection ending;
        synchronized (this) {
            stopped = true;
            if (starter != null) {
                starter.interrupt();
                starter = null;
            }
            ending = running;
            running = null;
        }
        if (ending != null) {
            ending.close();
        } else if (leading) {
            follow();
        }
    }
}
