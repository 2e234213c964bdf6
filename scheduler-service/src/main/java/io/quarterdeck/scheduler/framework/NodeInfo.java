package io.quarterdeck.scheduler.framework;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A node and the pods on it, with their sums. Immutable. */
public record NodeInfo(
        Node node,
        List<PodInfo> pods,
        Resources allocatable,
        Resources requested,
        Resources scoringRequested,
        Map<String, Long> imageSizes) {

    public static NodeInfo of(Node node, List<PodInfo> pods) {
        Resources requested = Resources.NONE;
        Resources scoring = Resources.NONE;
        for (PodInfo pod : pods) {
            requested = requested.plus(pod.requests());
            scoring = scoring.plus(pod.scoringRequests());
        }
        Resources allocatable = node.getStatus() == null
                ? Resources.NONE
                : Resources.of(
                        node.getStatus().getAllocatable() != null
                                ? node.getStatus().getAllocatable()
                                : node.getStatus().getCapacity());
        return new NodeInfo(node, List.copyOf(pods), allocatable, requested, scoring, imagesOf(node));
    }

    public NodeInfo with(PodInfo pod) {
        List<PodInfo> more = new ArrayList<>(pods);
        more.add(pod);
        return new NodeInfo(
                node,
                List.copyOf(more),
                allocatable,
                requested.plus(pod.requests()),
                scoringRequested.plus(pod.scoringRequests()),
                imageSizes);
    }

    public NodeInfo without(PodInfo pod) {
        List<PodInfo> fewer = new ArrayList<>(pods);
        if (!fewer.remove(pod)) {
            return this;
        }
        return new NodeInfo(
                node,
                List.copyOf(fewer),
                allocatable,
                requested.minus(pod.requests()),
                scoringRequested.minus(pod.scoringRequests()),
                imageSizes);
    }

    public NodeInfo withNode(Node replacement) {
        return of(replacement, pods);
    }

    public String name() {
        return node.getMetadata().getName();
    }

    public Map<String, String> labels() {
        return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
    }

    public List<Taint> taints() {
        return node.getSpec() == null
                ? List.of()
                : Objects.requireNonNullElse(node.getSpec().getTaints(), List.of());
    }

    public boolean unschedulable() {
        return node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable());
    }

    private static Map<String, Long> imagesOf(Node node) {
        if (node.getStatus() == null || node.getStatus().getImages() == null) {
            return Map.of();
        }
        Map<String, Long> sizes = new HashMap<>();
        for (ContainerImage image : node.getStatus().getImages()) {
            for (String name : Objects.requireNonNullElse(image.getNames(), List.<String>of())) {
                sizes.put(name, Objects.requireNonNullElse(image.getSizeBytes(), 0L));
            }
        }
        return Map.copyOf(sizes);
    }
}
