package io.quarterdeck.scheduler;

import io.quarterdeck.scheduler.framework.PodInfo;
import java.util.Optional;

/**
 * What decisions do to the world. Blocking; refusals are {@link io.quarterdeck.model.StatusException}. Thread-safe.
 */
interface PlacementWriter {

    void bind(PodInfo pod, String node);

    /** Says in the pod's status why it waits, and on which node room is being made for it. */
    void refuse(PodInfo pod, String message, Optional<String> nominatedNode);

    /** Deletes {@code victim}, saying why in its status. */
    void evict(PodInfo victim, PodInfo preemptor, String node);
}
