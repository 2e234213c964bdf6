package io.quarterdeck.api.registry;

import io.quarterdeck.api.schema.ApiData;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The resources of Kubernetes itself, from the API data, each with its strategy or the common one. Of several versions of
 * one resource the best that is served is stored.
 */
public final class BuiltInResources {

    /** Upstream's order of group priorities, which discovery shows. */
    public static final List<String> GROUP_ORDER = List.of(
            "",
            "apiregistration.k8s.io",
            "apps",
            "events.k8s.io",
            "authentication.k8s.io",
            "authorization.k8s.io",
            "autoscaling",
            "batch",
            "certificates.k8s.io",
            "networking.k8s.io",
            "policy",
            "rbac.authorization.k8s.io",
            "storage.k8s.io",
            "admissionregistration.k8s.io",
            "apiextensions.k8s.io",
            "scheduling.k8s.io",
            "coordination.k8s.io",
            "node.k8s.io",
            "discovery.k8s.io",
            "resource.k8s.io",
            "flowcontrol.apiserver.k8s.io",
            "internal.apiserver.k8s.io",
            "storagemigration.k8s.io");

    /** Resources whose objects lie in another's storage. */
    private static final Map<GroupResource, GroupResource> SHARED =
            Map.of(new GroupResource("events.k8s.io", "events"), new GroupResource("", "events"));

    private static final Set<String> ANSWER_DELETED_OBJECT = Set.of(
            "pods",
            "services",
            "serviceaccounts",
            "podtemplates",
            "resourcequotas",
            "persistentvolumeclaims",
            "persistentvolumes",
            "deviceclasses",
            "resourceclaims",
            "resourceclaimtemplates",
            "resourceslices",
            "storageclasses",
            "csidrivers",
            "csinodes",
            "volumeattachments",
            "volumeattributesclasses");

    private static final Map<GroupResource, String> DEPRECATIONS = Map.of(
            new GroupResource("", "endpoints"),
            "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
            new GroupResource("", "componentstatuses"),
            "v1 ComponentStatus is deprecated in v1.19+");

    private static final Set<GroupResource> NOT_COLLECTED = Set.of(new GroupResource("", "events"));

    private static final Set<GroupResource> ORPHAN_BY_DEFAULT =
            Set.of(new GroupResource("", "replicationcontrollers"), new GroupResource("batch", "jobs"));

    private BuiltInResources() {}

    public static List<ResourceDefinition> read(Collection<ResourceStrategy> strategies, RuntimeConfig config) {
        Map<GroupResource, ResourceStrategy> byResource = new HashMap<>();
        strategies.forEach(strategy -> {
            if (byResource.put(strategy.resource(), strategy) != null) {
                throw new IllegalStateException("two strategies for " + strategy.resource());
            }
        });
        JsonNode data = JsonMapper.shared().readTree(ApiData.RESOURCES.bytes());
        Map<GroupResource, List<Served>> served = new LinkedHashMap<>();
        for (JsonNode groupVersion : data.get("groupVersions")) {
            String group = groupVersion.get("group").asString();
            String version = groupVersion.get("version").asString();
            String stability = groupVersion.get("stability").asString();
            for (JsonNode resource : groupVersion.get("resources")) {
                String name = resource.get("name").asString();
                if (config.serves(group, version, name, stability)) {
                    served.computeIfAbsent(new GroupResource(group, name), absent -> new ArrayList<>())
                            .add(new Served(version, resource));
                }
            }
        }
        List<ResourceDefinition> definitions = new ArrayList<>();
        served.forEach((resource, versions) -> {
            String best = versions.stream()
                    .map(Served::version)
                    .min(VersionOrder.BEST_FIRST)
                    .orElseThrow();
            versions.forEach(each -> definitions.add(definition(resource, best, each, byResource)));
        });
        return definitions;
    }

    /** A resource in a version that is switched on. */
    private record Served(String version, JsonNode data) {}

    private static ResourceDefinition definition(
            GroupResource resource,
            String storedVersion,
            Served served,
            Map<GroupResource, ResourceStrategy> strategies) {
        String group = resource.group();
        String version = served.version();
        JsonNode data = served.data();
        GroupResource storage = SHARED.getOrDefault(resource, resource);
        ResourceStrategy strategy = strategies.getOrDefault(resource, strategies.get(storage));
        List<Subresource> subresources = new ArrayList<>();
        if (data.has("subresources")) {
            for (JsonNode sub : data.get("subresources")) {
                subresources.add(new Subresource(
                        sub.get("name").asString(),
                        new GroupVersionKind(
                                sub.has("group") ? sub.get("group").asString() : group,
                                sub.has("version") ? sub.get("version").asString() : version,
                                sub.get("kind").asString()),
                        strings(sub, "verbs")));
            }
        }
        return new ResourceDefinition(
                group,
                version,
                resource.resource(),
                data.get("singular").asString(),
                data.get("kind").asString(),
                data.get("namespaced").asBoolean(),
                strings(data, "shortNames"),
                strings(data, "categories"),
                strings(data, "verbs"),
                List.copyOf(subresources),
                storage,
                storedVersion,
                strategy == null ? () -> storage : strategy,
                new ResourceDefinition.Traits(
                        false,
                        ANSWER_DELETED_OBJECT.contains(resource.resource()),
                        !NOT_COLLECTED.contains(storage),
                        ORPHAN_BY_DEFAULT.contains(resource),
                        DEPRECATIONS.getOrDefault(resource, "")));
    }

    private static List<String> strings(JsonNode data, String field) {
        return data.has(field)
                ? data.get(field).valueStream().map(JsonNode::asString).toList()
                : List.of();
    }
}
