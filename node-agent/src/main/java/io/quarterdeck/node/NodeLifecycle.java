package io.quarterdeck.node;

import io.quarterdeck.feed.Informers;
import io.quarterdeck.node.pods.PodWorkers;
import io.quarterdeck.node.registration.NodeRegistration;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Starts the node's parts in their order; containers outlive all of them. */
final class NodeLifecycle implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(NodeLifecycle.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Informers informers;
    private final NodeRegistration registration;
    private final PodWorkers workers;
    private @Nullable Thread starter;
    private volatile boolean running;

    NodeLifecycle(Informers informers, NodeRegistration registration, PodWorkers workers) {
        this.informers = informers;
        this.registration = registration;
        this.workers = workers;
    }

    @Override
    public void start() {
        running = true;
        informers.start();
        registration.start();
        // Without the first list every pod would look deleted; so its containers would be stopped.
        starter = Thread.ofVirtual().name("node-start").start(() -> {
            try {
                while (!informers.awaitSynced(PATIENCE)) {
                    LOG.warn("Still waiting for the API's first list of pods");
                }
                while (running) {
                    try {
                        workers.start();
                        return;
                    } catch (RuntimeException e) {
                        LOG.error("The pods on this machine could not be taken over; trying again", e);
                        Thread.sleep(Duration.ofSeconds(2));
                    }
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void stop() {
        running = false;
        if (starter != null) {
            starter.interrupt();
        }
        try {
            workers.close();
        } catch (Exception e) {
            LOG.warn("The workers did not stop in order: {}", e.getMessage());
        }
        registration.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
