package io.quarterdeck.api.store;

/** An expectation did not hold; nothing of the transaction was done. */
public final class ConflictException extends RuntimeException {

    private final StoreKey key;
    private final long currentRevision;

    /** @param currentRevision the object's revision now, 0 when it is absent */
    public ConflictException(StoreKey key, long currentRevision) {
        super(key + " is at revision " + currentRevision, null, false, false);
        this.key = key;
        this.currentRevision = currentRevision;
    }

    public StoreKey key() {
        return key;
    }

    public long currentRevision() {
        return currentRevision;
    }
}
