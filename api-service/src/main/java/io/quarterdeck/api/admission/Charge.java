package io.quarterdeck.api.admission;

import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;

/**
 * What an admitted object costs others: objects that change in its own transaction, or that were changed for it a moment
 * before. Held from the judgement until the commit. Used by one thread.
 */
public interface Charge extends AutoCloseable {

    /** Costs nothing. */
    Charge NONE = new Charge() {};

    /**
     * Judges, and says what else changes when the object is stored; made anew for each try.
     *
     * @throws io.quarterdeck.model.StatusException when the object does not fit any more
     */
    default Enlisted make() {
        return Enlisted.NOTHING;
    }

    /** To be told when the object is stored, before {@link #close}. */
    default void committed() {}

    @Override
    default void close() {}
}
