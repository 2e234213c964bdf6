package io.quarterdeck.scheduler.framework;

import io.quarterdeck.model.LabelSelector;
import java.util.Set;

/**
 * How many of some pods may go right now.
 *
 * @param disrupted names of pods whose disruption is already counted
 */
public record DisruptionBudget(String namespace, LabelSelector selector, int allowed, Set<String> disrupted) {

    /** Whether evicting {@code pod} would use up one of the allowed disruptions. */
    public boolean covers(PodInfo pod) {
        return namespace.equals(pod.namespace())
                && !selector.isEverything()
                && selector.matches(pod.labels())
                && !disrupted.contains(pod.name());
    }
}
