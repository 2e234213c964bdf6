package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.document.Document;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The containers of a pod as plugins go through them. */
final class PodContainers {

    static final String MIRROR = "kubernetes.io/config.mirror";

    private PodContainers() {}

    /** Init containers first, as upstream visits them. */
    static List<ObjectNode> initAndMain(Document pod) {
        List<ObjectNode> containers = new ArrayList<>();
        add(containers, pod.items("spec.initContainers"));
        add(containers, pod.items("spec.containers"));
        return containers;
    }

    static void add(List<ObjectNode> containers, List<JsonNode> nodes) {
        nodes.forEach(node -> {
            if (node instanceof ObjectNode object) {
                containers.add(object);
            }
        });
    }

    static boolean isMirror(Document pod) {
        return pod.annotation(MIRROR) != null;
    }
}
