package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;

/** What the node writes about its pods. Blocking, thread-safe; a refusal is a {@code StatusException}. */
public interface PodWriter {

    /** Brings the fields that a node owns to these values. A pod that is gone is no error. */
    void updateStatus(Pod pod, PodStatus status);

    /** The node has ended the pod: the API may forget it, if it is still this one. */
    void confirmDeletion(Pod pod);
}
