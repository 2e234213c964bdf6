package io.quarterdeck.scheduler.framework;

/** A filter rule that was prepared for one pod and one snapshot. */
@FunctionalInterface
public interface NodeFilter {

    Verdict filter(NodeInfo node);
}
