package io.quarterdeck.node.identity;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The client of an identity that is renewed. New requests take the new identity at once; those that are under way may
 * end on the old one, then its connections are closed, and the watches on them resume. Thread-safe.
 */
final class RenewedClient implements Supplier<KubernetesClient>, AutoCloseable {

    private final Supplier<KubernetesClient> open;
    private final Duration grace;
    private volatile KubernetesClient current;

    /** @param grace how long a request may take */
    RenewedClient(Supplier<KubernetesClient> open, Duration grace) {
        this.open = open;
        this.grace = grace;
        this.current = open.get();
    }

    @Override
    public KubernetesClient get() {
        return current;
    }

    synchronized void renew() {
        KubernetesClient old = current;
        current = open.get();
        Thread.ofVirtual().name("close-old-identity").start(() -> {
            try {
                Thread.sleep(grace);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                old.close();
            }
        });
    }

    @Override
    public void close() {
        current.close();
    }
}
