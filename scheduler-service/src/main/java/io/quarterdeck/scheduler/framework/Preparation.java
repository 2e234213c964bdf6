package io.quarterdeck.scheduler.framework;

import java.util.Set;

/** What a filter rule knows of a pod before it looks at nodes. */
public sealed interface Preparation {

    Preparation SKIP = new Skip();

    /** The rule has nothing to say about this pod. */
    record Skip() implements Preparation {}

    /** Each node is to be asked. */
    record Ask(NodeFilter filter) implements Preparation {}

    /** Only the named nodes can fit at all; they are to be asked. */
    record AskOnly(Set<String> nodes, NodeFilter filter) implements Preparation {}

    /** No node can fit, whichever it is. */
    record Reject(String reason) implements Preparation {}
}
