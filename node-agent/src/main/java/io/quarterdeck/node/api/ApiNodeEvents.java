package io.quarterdeck.node.api;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.node.events.NodeEvents;
import io.quarterdeck.node.pods.PodSpecs;
import io.quarterdeck.reconcile.Action.EmitEvent;
import io.quarterdeck.reconcile.Action.EventType;
import io.quarterdeck.reconcile.EventRecorder;
import java.util.List;
import java.util.Map;

/** The node's events by the shared recorder, under upstream's component name. */
public final class ApiNodeEvents implements NodeEvents {

    private static final String COMPONENT = "kubelet";

    private final EventRecorder recorder;
    private final Node self;

    public ApiNodeEvents(EventRecorder recorder, String nodeName) {
        this.recorder = recorder;
        // Upstream refers to a node by its name in place of the uid, and kubectl describe looks for that.
        this.self = new NodeBuilder()
                .withNewMetadata()
                .withName(nodeName)
                .withUid(nodeName)
                .endMetadata()
                .build();
    }

    @Override
    public void pod(Pod pod, String container, Type type, String reason, String message) {
        recorder.emit(COMPONENT, new EmitEvent(pod, type(type), reason, message, Map.of()), fieldPath(pod, container));
    }

    private static String fieldPath(Pod pod, String container) {
        if (container.isEmpty()) {
            return "";
        }
        String list = names(PodSpecs.initContainers(pod), container)
                ? "initContainers"
                : names(PodSpecs.ephemeralContainers(pod), container) ? "ephemeralContainers" : "containers";
        return "spec." + list + "{" + container + "}";
    }

    private static boolean names(List<Container> containers, String name) {
        return containers.stream().anyMatch(candidate -> candidate.getName().equals(name));
    }

    @Override
    public void node(Type type, String reason, String message) {
        recorder.emit(COMPONENT, new EmitEvent(self, type(type), reason, message, Map.of()));
    }

    private static EventType type(Type type) {
        return type == Type.NORMAL ? EventType.NORMAL : EventType.WARNING;
    }
}
