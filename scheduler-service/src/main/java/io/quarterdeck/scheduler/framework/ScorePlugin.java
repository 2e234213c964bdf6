package io.quarterdeck.scheduler.framework;

import java.util.List;

/** A rule that prefers nodes. Pure and thread-safe. */
public interface ScorePlugin {

    long MAX_SCORE = 100;

    /** Upstream's name. */
    String name();

    /** How much it counts, as in upstream's default profile. */
    int weight();

    /** One score from 0 to {@link #MAX_SCORE} for each node, in their order; an empty array means no preference. */
    long[] score(PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot);
}
