package io.quarterdeck.api.bootstrap;

import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Runs the bootstrap on a thread of its own, from start to stop. */
final class BootstrapRunner implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(BootstrapRunner.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration EXPIRE_EVENTS_EVERY = Duration.ofMinutes(1);

    private final Bootstrap bootstrap;
    private final IdentityLease lease;
    private final ServerObjects objects;
    private final String hostname;
    private final Duration interval;
    private final InstantSource clock;
    private volatile @Nullable Thread thread;

    BootstrapRunner(
            Bootstrap bootstrap,
            IdentityLease lease,
            ServerObjects objects,
            String hostname,
            Duration interval,
            InstantSource clock) {
        this.bootstrap = bootstrap;
        this.lease = lease;
        this.objects = objects;
        this.hostname = hostname;
        this.interval = interval;
        this.clock = clock;
    }

    /** Whether callers can be judged by the default roles. */
    boolean rolesThere() {
        return bootstrap.rolesThere();
    }

    @Override
    public void start() {
        thread = Thread.ofVirtual().name("bootstrap").start(this::run);
    }

    private void run() {
        try {
            for (Duration wait = RETRY; !attempt(bootstrap::ensureAll); wait = wait.plus(wait)) {
                Thread.sleep(wait.compareTo(interval) < 0 ? wait : interval);
            }
            LOG.info("The server's own objects are there");
            attempt(() -> {
                bootstrap.repairAddresses();
                return true;
            });
            Instant nextExpiry = clock.instant();
            while (true) {
                attempt(() -> {
                    lease.renew(objects, hostname, clock.instant());
                    return bootstrap.keep();
                });
                if (!clock.instant().isBefore(nextExpiry)) {
                    attempt(() -> {
                        bootstrap.expireEvents();
                        return true;
                    });
                    nextExpiry = clock.instant().plus(EXPIRE_EVENTS_EVERY);
                }
                Thread.sleep(interval);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Step {
        boolean done();
    }

    /** The loop outlives whatever goes wrong in a round: the store may be away for a while. */
    private static boolean attempt(Step step) {
        try {
            return step.done();
        } catch (StatusException refused) {
            LOG.warn("Looking after the server's own objects: {}", refused.text());
            return false;
        } catch (RuntimeException failed) {
            LOG.error("Looking after the server's own objects failed", failed);
            return false;
        }
    }

    @Override
    public void stop() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }
}
