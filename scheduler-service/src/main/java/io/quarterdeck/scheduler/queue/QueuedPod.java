package io.quarterdeck.scheduler.queue;

import io.quarterdeck.scheduler.framework.PodInfo;
import java.time.Instant;
import java.util.Set;

/**
 * A pod in the queue.
 *
 * @param attempts how often it was tried
 * @param since when it entered its present part of the queue
 * @param refusedBy the rules that refused it last; empty when nothing is known against it
 */
public record QueuedPod(PodInfo pod, int attempts, Instant since, Set<String> refusedBy) {

    QueuedPod with(PodInfo newer) {
        return new QueuedPod(newer, attempts, since, refusedBy);
    }

    QueuedPod at(Instant now) {
        return new QueuedPod(pod, attempts, now, refusedBy);
    }
}
