package io.quarterdeck.node.runtime;

/** Which pod something belongs to. The uid alone tells two pods of one name apart. */
public record PodRef(String namespace, String name, String uid) {

    /** {@code name_namespace(uid)}, as upstream's kubelet writes a pod in its messages. */
    @Override
    public String toString() {
        return name + "_" + namespace + "(" + uid + ")";
    }
}
