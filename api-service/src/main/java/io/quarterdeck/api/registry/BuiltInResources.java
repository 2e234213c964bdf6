package io.quarterdeck.api.registry;

import io.quarterdeck.api.schema.ApiData;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The resources of Kubernetes itself: all stable ones, from the API data, each with its strategy or the common one. */
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
            "flowcontrol.apiserver.k8s.io");

    /** Resources whose objects lie in another's storage. */
    private static final Map<GroupResource, GroupResource> SHARED =
            Map.of(new GroupResource("events.k8s.io", "events"), new GroupResource("", "events"));

    /** The stored version where a group serves several. */
    private static final Map<GroupResource, String> STORED_VERSIONS =
            Map.of(new GroupResource("autoscaling", "horizontalpodautoscalers"), "v2");

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

    private static final Set<GroupResource> ORPHAN_BY_DEFAULT =
            Set.of(new GroupResource("", "replicationcontrollers"), new GroupResource("batch", "jobs"));

    private BuiltInResources() {}

    public static List<ResourceDefinition> read(Collection<ResourceStrategy> strategies) {
        Map<GroupResource, ResourceStrategy> byResource = new HashMap<>();
        strategies.forEach(strategy -> {
            if (byResource.put(strategy.resource(), strategy) != null) {
                throw new IllegalStateException("two strategies for " + strategy.resource());
            }
        });
        List<ResourceDefinition> definitions = new ArrayList<>();
        JsonNode data = JsonMapper.shared().readTree(ApiData.RESOURCES.bytes());
        for (JsonNode groupVersion : data.get("groupVersions")) {
            if (groupVersion.get("stability").asString().equals("ga")) {
                String group = groupVersion.get("group").asString();
                String version = groupVersion.get("version").asString();
                groupVersion
                        .get("resources")
                        .forEach(resource -> definitions.add(definition(group, version, resource, byResource)));
            }
        }
        return definitions;
    }

    private static ResourceDefinition definition(
            String group, String version, JsonNode data, Map<GroupResource, ResourceStrategy> strategies) {
        GroupResource resource = new GroupResource(group, data.get("name").asString());
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
                STORED_VERSIONS.getOrDefault(storage, "v1"),
                strategy == null ? () -> storage : strategy,
                new ResourceDefinition.Traits(
                        false,
                        ANSWER_DELETED_OBJECT.contains(resource.resource()),
                        !storage.resource().equals("events"),
                        ORPHAN_BY_DEFAULT.contains(resource),
                        DEPRECATIONS.getOrDefault(resource, "")));
    }

    private static List<String> strings(JsonNode data, String field) {
        return data.has(field)
                ? data.get(field).valueStream().map(JsonNode::asString).toList()
                : List.of();
    }
}
