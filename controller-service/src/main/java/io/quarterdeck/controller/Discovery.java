package io.quarterdeck.controller;

import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What the API server serves now, for controllers that work on all kinds alike. Thread-safe. */
public final class Discovery {

    private static final String ALL_AT_ONCE =
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

    private final ApiClient api;

    /** A resource in one version, with what may be done to it. */
    public record Served(ResourceType<PartialObjectMetadata> type, String singular, Set<String> verbs) {}

    /**
     * The resources without subresources.
     *
     * @param served those of a group's best version first
     * @param failures groups that could not be asked, with the reason
     */
    public record Resources(List<Served> served, Map<String, String> failures) {

        /** Finds the resource of a kind in any version of its group. */
        public Optional<ResourceType<PartialObjectMetadata>> find(String apiVersion, String kind) {
            int slash = apiVersion.indexOf('/');
            String group = slash < 0 ? "" : apiVersion.substring(0, slash);
            return served.stream()
                    .map(Served::type)
                    .filter(type -> type.group().equals(group) && type.kind().equals(kind))
                    .findFirst();
        }
    }

    public Discovery(ApiClient api) {
        this.api = api;
    }

    /**
     * Each resource in the version that its group prefers.
     *
     * @throws StatusException when nothing can be found out at all
     */
    public Resources resources() {
        Resources all = allVersions();
        Map<GroupResource, Served> best = new LinkedHashMap<>();
        all.served().forEach(served -> best.putIfAbsent(served.type().groupResource(), served));
        return new Resources(List.copyOf(best.values()), all.failures());
    }

    /**
     * Each resource in all its versions.
     *
     * @throws StatusException when nothing can be found out at all
     */
    public Resources allVersions() {
        List<Served> served = new ArrayList<>();
        Map<String, String> failures = new LinkedHashMap<>();
        for (String root : List.of("/api", "/apis")) {
            JsonNode answer = api.raw("GET", root, ALL_AT_ONCE, null);
            if (answer.path("kind").asString("").equals("APIGroupDiscoveryList")) {
                aggregated(answer, served, failures);
            } else {
                oneByOne(root, answer, served, failures);
            }
        }
        return new Resources(served, failures);
    }

    private static void aggregated(JsonNode answer, List<Served> served, Map<String, String> failures) {
        for (JsonNode group : answer.path("items")) {
            String name = group.path("metadata").path("name").asString("");
            for (JsonNode version : group.path("versions")) {
                String text = version.path("version").asString("");
                if (version.path("freshness").asString("").equals("Stale")) {
                    failures.put(name + "/" + text, "stale GroupVersion discovery: " + name + "/" + text);
                }
                for (JsonNode resource : version.path("resources")) {
                    add(
                            served,
                            name,
                            text,
                            resource.path("resource").asString(""),
                            resource.path("singularResource").asString(""),
                            resource.path("responseKind").path("kind").asString(""),
                            resource.path("scope").asString("").equals("Namespaced"),
                            resource.path("verbs"));
                }
            }
        }
    }

    private void oneByOne(String root, JsonNode answer, List<Served> served, Map<String, String> failures) {
        List<String> versions = new ArrayList<>();
        answer.path("versions").forEach(version -> versions.add(version.asString("")));
        answer.path("groups")
                .forEach(group -> group.path("versions")
                        .forEach(version ->
                                versions.add(version.path("groupVersion").asString(""))));
        for (String groupVersion : versions) {
            int slash = groupVersion.indexOf('/');
            String group = slash < 0 ? "" : groupVersion.substring(0, slash);
            try {
                JsonNode list = api.raw("GET", root + "/" + groupVersion, "application/json", null);
                for (JsonNode resource : list.path("resources")) {
                    add(
                            served,
                            group,
                            groupVersion.substring(slash + 1),
                            resource.path("name").asString(""),
                            resource.path("singularName").asString(""),
                            resource.path("kind").asString(""),
                            resource.path("namespaced").asBoolean(false),
                            resource.path("verbs"));
                }
            } catch (StatusException refused) {
                failures.put(groupVersion, refused.text());
            }
        }
    }

    private static void add(
            List<Served> served,
            String group,
            String version,
            String resource,
            String singular,
            String kind,
            boolean namespaced,
            JsonNode verbs) {
        if (resource.isEmpty() || resource.contains("/")) {
            return;
        }
        Set<String> words = new HashSet<>();
        verbs.forEach(verb -> words.add(verb.asString("")));
        served.add(new Served(
                new ResourceType<>(group, version, resource, kind, namespaced, PartialObjectMetadata.class),
                singular,
                words));
    }
}
