package io.quarterdeck.api.publish;

/** Held by the one relay that publishes; the others wait. Used by one thread. */
public interface RelayLock extends AutoCloseable {

    /** Takes the lock when it is free; answers whether it is held now. */
    boolean tryAcquire();

    /** Whether the lock is held still: it is lost with the database connection. */
    boolean held();

    @Override
    void close();

    /** For a store that no other process shares. */
    static RelayLock alone() {
        return new RelayLock() {
            @Override
            public boolean tryAcquire() {
                return true;
            }

            @Override
            public boolean held() {
                return true;
            }

            @Override
            public void close() {}
        };
    }
}
