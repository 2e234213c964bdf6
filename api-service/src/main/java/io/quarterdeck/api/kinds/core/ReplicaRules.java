package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import java.util.List;

/** What holds for the counts of replicas in a status. */
public final class ReplicaRules {

    private ReplicaRules() {}

    public static void status(Field status) {
        List.of("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")
                .forEach(field -> status.at(field).nonNegative());
        long replicas = status.at("replicas").number();
        for (String field : List.of("fullyLabeledReplicas", "readyReplicas", "availableReplicas")) {
            if (status.at(field).number() > replicas) {
                status.at(field).invalid("cannot be greater than status.replicas");
            }
        }
        if (status.at("availableReplicas").number() > status.at("readyReplicas").number()) {
            status.at("availableReplicas").invalid("cannot be greater than readyReplicas");
        }
    }
}
