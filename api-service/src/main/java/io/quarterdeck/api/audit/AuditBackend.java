package io.quarterdeck.api.audit;

/** Where events end up. Thread-safe. */
interface AuditBackend extends AutoCloseable {

    /** Upstream's plugin name, for metrics. */
    String name();

    /**
     * Takes one event, a JSON object without a line break. Returns when it is safe from the end of this process, or
     * when it is handed on, as the backend promises.
     *
     * @return whether the request may go on: false where an event is lost and nothing may happen unrecorded
     */
    boolean take(byte[] event);

    @Override
    void close();
}
