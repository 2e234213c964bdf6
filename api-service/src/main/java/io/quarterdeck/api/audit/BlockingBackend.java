package io.quarterdeck.api.audit;

import java.util.List;

/**
 * Delivers each event alone, while the request waits. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Auditing", modes blocking and blocking-strict.
 */
final class BlockingBackend implements AuditBackend {

    private final Courier courier;
    private final boolean strict;

    /** @param strict whether a request whose event is lost is refused */
    BlockingBackend(Courier courier, boolean strict) {
        this.courier = courier;
        this.strict = strict;
    }

    @Override
    public String name() {
        return courier.name();
    }

    @Override
    public boolean take(byte[] event) {
        try {
            return courier.bring(List.of(event)) || !strict;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            courier.lost(1);
            return !strict;
        }
    }

    @Override
    public void close() {
        courier.hurry();
        courier.close();
    }
}
