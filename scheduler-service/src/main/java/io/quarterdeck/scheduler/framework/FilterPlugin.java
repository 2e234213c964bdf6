package io.quarterdeck.scheduler.framework;

import java.util.Set;

/** A rule that rules nodes out. Pure and thread-safe; beans are asked in upstream's order ({@code @Order}). */
public interface FilterPlugin {

    /** Upstream's name. */
    String name();

    /** What can change its verdict: a pod that this rule refused is tried again then. */
    Set<ClusterEvent> requeueOn();

    Preparation prepare(PodInfo pod, Snapshot snapshot);
}
