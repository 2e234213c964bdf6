package io.quarterdeck.controller.garbagecollector;

import io.fabric8.kubernetes.api.model.OwnerReference;

/** One owner as a dependent names it; {@code namespace} is where the dependent looks for it. */
record Reference(String uid, String apiVersion, String kind, String namespace, String name, boolean blocks) {

    static Reference of(OwnerReference reference, String namespace) {
        return new Reference(
                reference.getUid(),
                reference.getApiVersion(),
                reference.getKind(),
                namespace,
                reference.getName(),
                Boolean.TRUE.equals(reference.getBlockOwnerDeletion()));
    }
}
