package io.quarterdeck.scheduler.framework;

/** A change that can turn a refusal into a fit. */
public enum ClusterEvent {
    NODE_ADDED,
    NODE_ALLOCATABLE_CHANGED,
    NODE_LABELS_CHANGED,
    NODE_TAINTS_CHANGED,
    POD_BOUND,
    POD_LABELS_CHANGED,
    POD_GONE,
    NAMESPACE_CHANGED,
    VOLUME_CHANGED
}
