package io.quarterdeck.api.kinds.core;

import io.quarterdeck.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The quality of service class of a pod. Source: Kubernetes documentation "Pod Quality of Service Classes". */
public final class PodQos {

    private static final List<String> COUNTED = List.of("cpu", "memory");

    private PodQos() {}

    public static String of(JsonNode spec) {
        Map<String, Quantity> requests = new TreeMap<>();
        Map<String, Quantity> limits = new TreeMap<>();
        boolean guaranteed = true;
        JsonNode podWide = spec.path("resources");
        if (!podWide.path("requests").isEmpty() || !podWide.path("limits").isEmpty()) {
            guaranteed = add(podWide, requests, limits);
        } else {
            for (String list : List.of("containers", "initContainers")) {
                for (JsonNode container : spec.path(list)) {
                    guaranteed &= add(container.path("resources"), requests, limits);
                }
            }
        }
        if (requests.isEmpty() && limits.isEmpty()) {
            return "BestEffort";
        }
        boolean equal = requests.size() == limits.size()
                && requests.entrySet().stream()
                        .allMatch(entry -> entry.getValue().equals(limits.get(entry.getKey())));
        return guaranteed && equal ? "Guaranteed" : "Burstable";
    }

    /** Adds up, and says whether both limits are set. */
    private static boolean add(JsonNode resources, Map<String, Quantity> requests, Map<String, Quantity> limits) {
        sum(resources.path("requests"), requests);
        return sum(resources.path("limits"), limits) == COUNTED.size();
    }

    private static int sum(JsonNode list, Map<String, Quantity> sums) {
        int found = 0;
        for (String name : COUNTED) {
            Quantity quantity = ResourceRules.quantityOrZero(list.path(name));
            if (quantity.signum() > 0) {
                found++;
                sums.merge(name, quantity, Quantity::plus);
            }
        }
        return found;
    }
}
