package io.quarterdeck.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Container;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Likes nodes that already hold the pod's images, the larger the better, unless only few nodes do. */
@Component
final class ImageLocalityPlugin implements ScorePlugin {

    private static final long MEBIBYTE = 1024 * 1024;
    private static final long MIN_THRESHOLD = 23 * MEBIBYTE;
    private static final long MAX_CONTAINER_THRESHOLD = 1000 * MEBIBYTE;

    @Override
    public String name() {
        return "ImageLocality";
    }

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public long[] score(PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
        List<String> images = new ArrayList<>();
        pod.spec().getContainers().forEach(container -> images.add(normalized(container.getImage())));
        Objects.requireNonNullElse(pod.spec().getInitContainers(), List.<Container>of())
                .forEach(container -> images.add(normalized(container.getImage())));
        Map<String, Long> holders = new HashMap<>();
        for (String image : images) {
            holders.put(
                    image,
                    snapshot.nodes().stream()
                            .filter(node -> node.imageSizes().containsKey(image))
                            .count());
        }
        long most = MAX_CONTAINER_THRESHOLD * images.size();
        int nodes = snapshot.nodes().size();
        return feasible.stream()
                .mapToLong(node -> {
                    long sum = 0;
                    for (String image : images) {
                        long size = node.imageSizes().getOrDefault(image, 0L);
                        sum += (long) (size * (double) holders.getOrDefault(image, 0L) / nodes);
                    }
                    long bounded = Math.clamp(sum, MIN_THRESHOLD, most);
                    return MAX_SCORE * (bounded - MIN_THRESHOLD) / (most - MIN_THRESHOLD);
                })
                .toArray();
    }

    private static String normalized(@Nullable String image) {
        String name = Objects.requireNonNullElse(image, "");
        return name.lastIndexOf(':') <= name.lastIndexOf('/') ? name + ":latest" : name;
    }
}
