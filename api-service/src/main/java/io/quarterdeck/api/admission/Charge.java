package io.quarterdeck.api.admission;

import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import java.util.List;
import java.util.concurrent.locks.Lock;

/**
 * What an admitted object costs others: objects that change in its own transaction, or not at all. Held from the judgement
 * until the commit, so that nobody else is judged meanwhile; a charge that another replica overtook is made anew.
 */
public final class Charge implements AutoCloseable {

    /** Costs nothing. */
    public static final Charge NONE = new Charge(List.of(), () -> Enlisted.NOTHING);

    /** Judges and makes the changes, on the state of now. */
    @FunctionalInterface
    public interface Maker {

        /** @throws io.quarterdeck.model.StatusException when the object does not fit any more */
        Enlisted make();
    }

    private final List<Lock> locks;
    private final Maker maker;

    private Charge(List<Lock> locks, Maker maker) {
        this.locks = locks;
        this.maker = maker;
    }

    /** Waits until {@code lock} is free. */
    public static Charge holding(Lock lock, Maker maker) {
        lock.lock();
        return new Charge(List.of(lock), maker);
    }

    public Enlisted make() {
        return maker.make();
    }

    @Override
    public void close() {
        locks.forEach(Lock::unlock);
    }
}
