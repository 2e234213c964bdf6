package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a pod ranks when the node runs short. Pure. Source: "Pod Quality of Service Classes". */
public enum QosClass {
    GUARANTEED("Guaranteed"),
    BURSTABLE("Burstable"),
    BEST_EFFORT("BestEffort");

    private static final List<String> RESOURCES = List.of("cpu", "memory");

    private final String word;

    QosClass(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    public static QosClass of(Pod pod) {
        boolean any = false;
        boolean guaranteed = true;
        for (ResourceRequirements resources : deciding(pod)) {
            for (String name : RESOURCES) {
                Quantity request = positive(resources.getRequests(), name);
                Quantity limit = positive(resources.getLimits(), name);
                any |= request != null || limit != null;
                guaranteed &= limit != null
                        && (request == null || request.getNumericalAmount().compareTo(limit.getNumericalAmount()) == 0);
            }
        }
        return !any ? BEST_EFFORT : guaranteed ? GUARANTEED : BURSTABLE;
    }

    /** The pod's own where it has some, each container's otherwise. */
    private static List<ResourceRequirements> deciding(Pod pod) {
        ResourceRequirements whole = pod.getSpec().getResources();
        if (whole != null && !(empty(whole.getRequests()) && empty(whole.getLimits()))) {
            return List.of(whole);
        }
        return PodSpecs.allContainers(pod)
                .map(container -> Objects.requireNonNullElseGet(container.getResources(), ResourceRequirements::new))
                .toList();
    }

    private static boolean empty(@Nullable Map<String, Quantity> amounts) {
        return amounts == null || amounts.isEmpty();
    }

    private static @Nullable Quantity positive(@Nullable Map<String, Quantity> map, String name) {
        Quantity quantity = map == null ? null : map.get(name);
        return quantity == null || quantity.getNumericalAmount().signum() <= 0 ? null : quantity;
    }
}
