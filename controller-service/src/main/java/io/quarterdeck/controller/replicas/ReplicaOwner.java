package io.quarterdeck.controller.replicas;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.quarterdeck.model.LabelSelector;

/** What replica sets and replication controllers have in common. */
public record ReplicaOwner(
        HasMetadata object, LabelSelector selector, int wanted, int minReadySeconds, PodTemplateSpec template) {

    boolean deleting() {
        return object.getMetadata().getDeletionTimestamp() != null;
    }
}
