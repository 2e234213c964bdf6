package io.quarterdeck.scheduler.cycle;

import io.quarterdeck.scheduler.framework.PodInfo;
import java.util.List;
import java.util.Set;

/** What is to become of one pod. */
public sealed interface Decision {

    record Bind(String node) implements Decision {}

    /**
     * It waits.
     *
     * @param message upstream's words: {@code 0/3 nodes are available: …}
     * @param refusedBy the rules that refused it: events that can change their verdict wake the pod
     */
    record Wait(String message, Set<String> refusedBy) implements Decision {
        public Wait {
            refusedBy = Set.copyOf(refusedBy);
        }
    }

    /** Pods of lower priority make room: they are deleted, and the pod waits for the node. */
    record Preempt(String node, List<PodInfo> victims, String message, Set<String> refusedBy) implements Decision {
        public Preempt {
            victims = List.copyOf(victims);
            refusedBy = Set.copyOf(refusedBy);
        }
    }
}
