package io.quarterdeck.quota;

import io.quarterdeck.model.Quantity;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What a pod asks for as a whole: its containers together, or its hungriest init container where that is more; sidecars
 * count with both. Pure.
 *
 * <p>Source: Kubernetes documentation, "Resource sharing within containers"; KEP-753.
 */
public final class PodResources {

    private PodResources() {}

    /** @param list {@code requests} or {@code limits} */
    public static Map<String, Quantity> total(JsonNode pod, String list) {
        JsonNode spec = pod.path("spec");
        Map<String, Quantity> running = new TreeMap<>();
        for (JsonNode container : spec.path("containers")) {
            add(running, of(container, list));
        }
        Map<String, Quantity> sidecars = new TreeMap<>();
        Map<String, Quantity> starting = new TreeMap<>();
        for (JsonNode container : spec.path("initContainers")) {
            Map<String, Quantity> own = of(container, list);
            if (container.path("restartPolicy").asString("").equals("Always")) {
                add(sidecars, own);
                add(running, own);
                raise(starting, sidecars);
            } else {
                Map<String, Quantity> meanwhile = new TreeMap<>(sidecars);
                add(meanwhile, own);
                raise(starting, meanwhile);
            }
        }
        raise(running, starting);
        // What is set for the pod as a whole counts instead.
        running.putAll(amounts(spec.path("resources").path(list)));
        return running;
    }

    /** {@link #total} and what the sandbox costs. */
    public static Map<String, Quantity> totalWithOverhead(JsonNode pod, String list) {
        Map<String, Quantity> total = total(pod, list);
        amounts(pod.path("spec").path("overhead")).forEach((resource, amount) -> {
            if (list.equals("requests") || total.containsKey(resource)) {
                total.merge(resource, amount, Quantity::plus);
            }
        });
        return total;
    }

    /** A resource list: names and quantities. */
    public static Map<String, Quantity> amounts(JsonNode list) {
        Map<String, Quantity> amounts = new TreeMap<>();
        list.properties()
                .forEach(entry -> amounts.put(
                        entry.getKey(), Quantity.parse(entry.getValue().asString())));
        return amounts;
    }

    private static Map<String, Quantity> of(JsonNode container, String list) {
        return amounts(container.path("resources").path(list));
    }

    private static void add(Map<String, Quantity> sum, Map<String, Quantity> more) {
        more.forEach((resource, amount) -> sum.merge(resource, amount, Quantity::plus));
    }

    private static void raise(Map<String, Quantity> highest, Map<String, Quantity> other) {
        other.forEach((resource, amount) -> highest.merge(resource, amount, (a, b) -> a.compareTo(b) >= 0 ? a : b));
    }
}
