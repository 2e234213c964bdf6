package io.quarterdeck.api.discovery;

import io.quarterdeck.api.registry.Catalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.Subresource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The documents of discovery, from one catalogue. Pure. Source: KEP-3352; meta/v1 APIResourceList. */
final class DiscoveryDocuments {

    /** Kinds that upstream stores in an older version than it prefers: clients see in the hash whether a store moved. */
    private static final Map<String, String> UPSTREAM_STORES_IN = Map.of(
            "CustomResourceDefinition", "v1beta1",
            "MutatingAdmissionPolicy", "v1beta1",
            "MutatingAdmissionPolicyBinding", "v1beta1");

    private final Catalog catalog;
    private final String serverAddress;
    private final Map<String, ExtraGroups.Group> extra = new LinkedHashMap<>();
    private final ToIntFunction<String> priorities;

    /**
     * @param extra groups that others serve, wholly or in some versions
     * @param priorities of all groups; only asked when there are others
     */
    DiscoveryDocuments(
            Catalog catalog, String serverAddress, List<ExtraGroups.Group> extra, ToIntFunction<String> priorities) {
        this.catalog = catalog;
        this.serverAddress = serverAddress;
        this.priorities = priorities;
        extra.forEach(group -> this.extra.put(group.name(), group));
    }

    /** Own groups in their order, others' before the first of a lower priority. */
    private List<String> groupNames() {
        List<String> names = new ArrayList<>(catalog.groups());
        extra.values().stream()
                .filter(group -> !names.contains(group.name()))
                .sorted(Comparator.comparingInt(ExtraGroups.Group::priority)
                        .reversed()
                        .thenComparing(ExtraGroups.Group::name))
                .forEach(group -> {
                    int at = 0;
                    while (at < names.size()
                            && (names.get(at).isEmpty() || priorities.applyAsInt(names.get(at)) >= group.priority())) {
                        at++;
                    }
                    names.add(at, group.name());
                });
        return names;
    }

    private List<String> versions(String group) {
        List<String> versions = new ArrayList<>(catalog.versions(group));
        ExtraGroups.Group others = extra.get(group);
        if (others != null) {
            others.versions().stream()
                    .filter(version -> !versions.contains(version))
                    .forEach(versions::add);
        }
        return versions;
    }

    private static ObjectNode document(String kind, String apiVersion) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("kind", kind);
        if (!apiVersion.isEmpty()) {
            document.put("apiVersion", apiVersion);
        }
        return document;
    }

    ObjectNode coreVersions() {
        ObjectNode document = document("APIVersions", "");
        catalog.versions("").forEach(document.putArray("versions")::add);
        document.putArray("serverAddressByClientCIDRs")
                .addObject()
                .put("clientCIDR", "0.0.0.0/0")
                .put("serverAddress", serverAddress);
        return document;
    }

    ObjectNode groups() {
        ObjectNode document = document("APIGroupList", "v1");
        ArrayNode groups = document.putArray("groups");
        groupNames().stream().filter(group -> !group.isEmpty()).forEach(group -> group(groups.addObject(), group));
        return document;
    }

    private void group(ObjectNode node, String group) {
        node.put("name", group);
        ArrayNode versions = node.putArray("versions");
        versions(group).forEach(version -> version(versions.addObject(), group, version));
        version(node.putObject("preferredVersion"), group, versions(group).getFirst());
    }

    private static void version(ObjectNode node, String group, String version) {
        node.put("groupVersion", group + "/" + version).put("version", version);
    }

    /** {@code api/v1}, {@code apis/GROUP} or {@code apis/GROUP/VERSION}. */
    ObjectNode below(List<String> segments) {
        boolean core = segments.getFirst().equals("api");
        String group = core ? "" : segments.get(1);
        if (!core && segments.size() == 2) {
            ObjectNode document = document("APIGroup", "v1");
            group(document, group);
            return document;
        }
        String version = segments.get(core ? 1 : 2);
        if (!catalog.versions(group).contains(version)) {
            throw StatusException.noSuchRoute();
        }
        // The core list has no apiVersion: it is older than the convention.
        ObjectNode document = document("APIResourceList", core ? "" : "v1");
        document.put("groupVersion", core ? version : group + "/" + version);
        ArrayNode resources = document.putArray("resources");
        for (ResourceDefinition resource : resources(group, version)) {
            resource(resources.addObject(), resource);
            for (Subresource sub : resource.subresources()) {
                subresource(resources.addObject(), resource, sub);
            }
        }
        return document;
    }

    private List<ResourceDefinition> resources(String group, String version) {
        List<ResourceDefinition> found = new ArrayList<>();
        for (ResourceDefinition resource : catalog.all()) {
            if (resource.group().equals(group)
                    && resource.version().equals(version)
                    && resource.strategy().outOfService().isEmpty()) {
                found.add(resource);
            }
        }
        found.sort(Comparator.comparing(ResourceDefinition::plural));
        return found;
    }

    private void resource(ObjectNode node, ResourceDefinition resource) {
        node.put("name", resource.plural());
        node.put("singularName", resource.singular());
        node.put("namespaced", resource.namespaced());
        node.put("kind", resource.kind());
        strings(node, "verbs", resource.verbs());
        if (!resource.shortNames().isEmpty()) {
            strings(node, "shortNames", resource.shortNames());
        }
        if (!resource.categories().isEmpty()) {
            strings(node, "categories", resource.categories());
        }
        if (resource.verbs().contains("delete")) {
            node.put("storageVersionHash", storageVersionHash(resource));
        }
    }

    private static void subresource(ObjectNode node, ResourceDefinition resource, Subresource sub) {
        node.put("name", resource.plural() + "/" + sub.name());
        node.put("singularName", "");
        node.put("namespaced", resource.namespaced());
        if (foreign(resource, sub)) {
            node.put("group", sub.kind().group()).put("version", sub.kind().version());
        }
        node.put("kind", sub.kind().kind());
        strings(node, "verbs", sub.verbs());
    }

    private static boolean foreign(ResourceDefinition resource, Subresource sub) {
        return !sub.kind().group().equals(resource.group())
                || !sub.kind().version().equals(resource.version());
    }

    private static void strings(ObjectNode node, String field, List<String> values) {
        values.forEach(node.putArray(field)::add);
    }

    /** Changes when objects are stored in another version. */
    private String storageVersionHash(ResourceDefinition resource) {
        GroupVersionKind stored =
                catalog.stored(resource.storage()).map(ResourceDefinition::gvk).orElse(resource.gvk());
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((stored.group()
                                    + "/"
                                    + UPSTREAM_STORES_IN.getOrDefault(stored.kind(), stored.version())
                                    + "/"
                                    + stored.kind())
                            .getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(Arrays.copyOf(digest, 8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param core the core group alone, else all others */
    ObjectNode aggregated(boolean core) {
        ObjectNode document = document("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2");
        document.putObject("metadata");
        ArrayNode items = document.putArray("items");
        for (String group : groupNames()) {
            if (group.isEmpty() == core) {
                ObjectNode item = items.addObject();
                ObjectNode metadata = item.putObject("metadata");
                if (!core) {
                    metadata.put("name", group);
                }
                ArrayNode versions = item.putArray("versions");
                for (String version : catalog.versions(group)) {
                    ObjectNode node = versions.addObject();
                    node.put("version", version);
                    ArrayNode resources = node.putArray("resources");
                    resources(group, version).forEach(resource -> aggregated(resources.addObject(), resource));
                    node.put("freshness", "Current");
                }
                ExtraGroups.Group others = extra.get(group);
                if (others != null) {
                    others.discovery().path("versions").forEach(versions::add);
                }
            }
        }
        return document;
    }

    private static void aggregated(ObjectNode node, ResourceDefinition resource) {
        node.put("resource", resource.plural());
        node.putObject("responseKind").put("group", "").put("version", "").put("kind", resource.kind());
        node.put("scope", resource.namespaced() ? "Namespaced" : "Cluster");
        node.put("singularResource", resource.singular());
        strings(node, "verbs", resource.verbs());
        if (!resource.shortNames().isEmpty()) {
            strings(node, "shortNames", resource.shortNames());
        }
        if (!resource.categories().isEmpty()) {
            strings(node, "categories", resource.categories());
        }
        if (!resource.subresources().isEmpty()) {
            ArrayNode subresources = node.putArray("subresources");
            for (Subresource sub : resource.subresources()) {
                ObjectNode entry = subresources.addObject();
                boolean foreign = foreign(resource, sub);
                entry.put("subresource", sub.name());
                entry.putObject("responseKind")
                        .put("group", foreign ? sub.kind().group() : "")
                        .put("version", foreign ? sub.kind().version() : "")
                        .put("kind", sub.kind().kind());
                strings(entry, "verbs", sub.verbs());
            }
        }
    }
}
