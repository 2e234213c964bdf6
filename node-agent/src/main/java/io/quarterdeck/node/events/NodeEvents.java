package io.quarterdeck.node.events;

import io.fabric8.kubernetes.api.model.Pod;

/** Where events go. Never blocks and never fails: an event is lost rather than work. Thread-safe. */
public interface NodeEvents {

    /** @param container name of the container that it is about; empty for the pod itself */
    void pod(Pod pod, String container, Type type, String reason, String message);

    void node(Type type, String reason, String message);

    enum Type {
        NORMAL("Normal"),
        WARNING("Warning");

        private final String word;

        Type(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }
}
