package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.model.ObjectKey;

/**
 * Brings the world one step nearer to what one object asks for. Pure: no I/O, no clock, no randomness; whatever
 * happens because of a decision is in its {@link Plan}. Never called twice at once for one key.
 */
public interface Reconciler<T extends HasMetadata> {

    Class<T> kind();

    /** The controller's name in metrics, events and logs; upstream's where there is one: {@code replicaset}. */
    String name();

    /** What events name as their source: {@code replicaset-controller}. */
    default String component() {
        return name() + "-controller";
    }

    default void watches(Watches<T> watches) {}

    Plan reconcile(T object, View view);

    /** The object of {@code kind()} with this key is not (or no longer) there. */
    default Plan gone(ObjectKey key, View view) {
        return Plan.nothing();
    }
}
