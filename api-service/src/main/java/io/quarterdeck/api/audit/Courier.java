package io.quarterdeck.api.audit;

import io.quarterdeck.api.callout.BackOff;
import java.time.Duration;
import java.util.List;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers, and tries again for a while where that fails; what cannot be delivered is lost, counted and said. Thread-safe.
 *
 * <p>Source: upstream's webhook back-off.
 */
final class Courier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

    private final String name;
    private final Delivery delivery;
    private final Duration backOff;
    private final IntConsumer losses;
    private volatile boolean hurried;

    /**
     * @param backOff the pause after a first failure; grows with each
     * @param losses told how many events were lost
     */
    Courier(String name, Delivery delivery, Duration backOff, IntConsumer losses) {
        this.name = name;
        this.delivery = delivery;
        this.backOff = backOff;
        this.losses = losses;
    }

    String name() {
        return name;
    }

    /**
     * @return whether they arrived; otherwise they are counted as lost
     * @throws InterruptedException when nothing is decided about them yet
     */
    boolean bring(List<byte[]> events) throws InterruptedException {
        BackOff tries = new BackOff(backOff);
        while (true) {
            try {
                delivery.deliver(events);
                return true;
            } catch (InterruptedException stopping) {
                throw stopping;
            } catch (Exception failed) {
                if (hurried || !tries.awaitNext()) {
                    LOG.error("{} audit events are lost to backend {}: {}", events.size(), name, failed.getMessage());
                    lost(events.size());
                    return false;
                }
            }
        }
    }

    void lost(int events) {
        losses.accept(events);
    }

    /** From now on every delivery has one try: the process is to end. */
    void hurry() {
        hurried = true;
    }

    @Override
    public void close() {
        try {
            delivery.close();
        } catch (Exception e) {
            LOG.warn("The audit backend {} did not end well: {}", name, e.getMessage());
        }
    }
}
