package io.quarterdeck.controller.resourcequota;

import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.Quantity;
import io.quarterdeck.quota.PodResources;
import io.quarterdeck.quota.QuotaUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** A quota's status as the objects of its namespace make it. Pure. Source: Kubernetes documentation, "Resource Quotas". */
record QuotaStatus(Map<String, Quantity> hard, Map<String, Quantity> used) {

    private static final GroupResource PODS = new GroupResource("", "pods");

    /** Resources whose objects must be known to tell the status. */
    static Set<GroupResource> counted(JsonNode quota) {
        Set<GroupResource> resources = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
        quota.path("spec")
                .path("hard")
                .propertyNames()
                .forEach(name -> QuotaUsage.counted(name).ifPresent(resources::add));
        return resources;
    }

    /** @param objects the namespace's objects of a resource; null where the resource is not served */
    static QuotaStatus of(JsonNode quota, Function<GroupResource, List<JsonNode>> objects, Instant now) {
        Map<String, Quantity> hard = PodResources.amounts(quota.path("spec").path("hard"));
        Map<String, Quantity> used = new TreeMap<>();
        for (String name : hard.keySet()) {
            QuotaUsage.counted(name).ifPresent(resource -> used.put(name, Quantity.ZERO));
        }
        for (GroupResource resource : counted(quota)) {
            for (JsonNode object : objects.apply(resource)) {
                boolean counts =
                        QuotaUsage.inScope(quota, resource, object) && !(resource.equals(PODS) && overdue(object, now));
                if (counts) {
                    QuotaUsage.of(resource, object)
                            .forEach((name, amount) -> used.computeIfPresent(name, (same, sum) -> sum.plus(amount)));
                }
            }
        }
        return new QuotaStatus(hard, used);
    }

    /** A pod that should be gone by now holds nothing any more, even if its node does not answer. */
    private static boolean overdue(JsonNode pod, Instant now) {
        JsonNode metadata = pod.path("metadata");
        String deleted = metadata.path("deletionTimestamp").asString("");
        return !deleted.isEmpty()
                && metadata.has("deletionGracePeriodSeconds")
                && Instant.parse(deleted)
                        .plus(Duration.ofSeconds(
                                metadata.path("deletionGracePeriodSeconds").asLong()))
                        .isBefore(now);
    }

    boolean shownBy(JsonNode quota) {
        return PodResources.amounts(quota.path("status").path("hard")).equals(hard)
                && PodResources.amounts(quota.path("status").path("used")).equals(used);
    }
}
