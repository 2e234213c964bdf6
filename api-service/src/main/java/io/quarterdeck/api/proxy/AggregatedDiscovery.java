package io.quarterdeck.api.proxy;

import io.quarterdeck.api.discovery.ExtraGroups;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the servers behind API services last said about themselves. Thread-safe. */
final class AggregatedDiscovery implements ExtraGroups {

    private final AggregatedApis apis;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final AtomicLong generation = new AtomicLong();

    /**
     * @param resources an APIResourceList
     * @param stale whether the server did not answer when it was last asked
     * @param v2 what it adds to the OpenAPI v2 document, or null
     */
    record Known(
            JsonNode resources,
            boolean stale,
            @Nullable OpenApi openApi,
            @Nullable ObjectNode v2) {}

    AggregatedDiscovery(AggregatedApis apis) {
        this.apis = apis;
    }

    void learned(AggregatedApi api, Known answer) {
        if (!answer.equals(known.put(api.name(), answer))) {
            generation.incrementAndGet();
        }
    }

    void failed(AggregatedApi api) {
        known.computeIfPresent(api.name(), (name, before) -> {
            if (!before.stale()) {
                generation.incrementAndGet();
            }
            return new Known(before.resources(), true, before.openApi(), before.v2());
        });
    }

    @Override
    public long generation() {
        return (apis.generation() << 24) + generation.get();
    }

    @Override
    public List<Group> groups() {
        Map<String, List<AggregatedApi>> byGroup = new TreeMap<>();
        apis.remotes()
                .forEach(api -> byGroup.computeIfAbsent(api.group(), group -> new ArrayList<>())
                        .add(api));
        List<Group> groups = new ArrayList<>();
        byGroup.forEach((group, members) -> {
            List<AggregatedApi> inOrder = AggregatedApis.inOrder(members);
            ObjectNode item = JsonNodeFactory.instance.objectNode();
            item.putObject("metadata").put("name", group);
            ArrayNode versions = item.putArray("versions");
            inOrder.forEach(api -> versions.add(version(api, known.get(api.name()))));
            groups.add(new Group(
                    group,
                    apis.priority(group),
                    inOrder.stream().map(AggregatedApi::version).toList(),
                    item));
        });
        return groups;
    }

    private static ObjectNode version(AggregatedApi api, @Nullable Known answer) {
        ObjectNode version = JsonNodeFactory.instance.objectNode();
        version.put("version", api.version());
        ArrayNode resources = version.putArray("resources");
        if (answer != null) {
            Map<String, ObjectNode> byName = new LinkedHashMap<>();
            for (JsonNode resource : answer.resources().path("resources")) {
                String name = resource.path("name").asString("");
                int slash = name.indexOf('/');
                if (slash < 0) {
                    byName.put(name, resource(api, resource));
                } else if (byName.get(name.substring(0, slash)) instanceof ObjectNode parent) {
                    ArrayNode subresources = parent.get("subresources") instanceof ArrayNode present
                            ? present
                            : parent.putArray("subresources");
                    ObjectNode subresource = subresources.addObject();
                    subresource.put("subresource", name.substring(slash + 1));
                    subresource.set("responseKind", kind(api, resource));
                    subresource.set("verbs", resource.path("verbs"));
                }
            }
            byName.values().forEach(resources::add);
        }
        version.put("freshness", answer == null || answer.stale() || !api.available() ? "Stale" : "Current");
        return version;
    }

    private static ObjectNode resource(AggregatedApi api, JsonNode resource) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("resource", resource.path("name").asString(""));
        node.set("responseKind", kind(api, resource));
        node.put("scope", resource.path("namespaced").asBoolean(false) ? "Namespaced" : "Cluster");
        node.put("singularResource", resource.path("singularName").asString(""));
        for (String list : List.of("verbs", "shortNames", "categories")) {
            if (resource.has(list)) {
                node.set(list, resource.path(list));
            }
        }
        return node;
    }

    private static ObjectNode kind(AggregatedApi api, JsonNode resource) {
        ObjectNode kind = JsonNodeFactory.instance.objectNode();
        kind.put("group", resource.path("group").asString(api.group()));
        kind.put("version", resource.path("version").asString(api.version()));
        kind.put("kind", resource.path("kind").asString(""));
        return kind;
    }

    @Override
    public int priority(String group) {
        return apis.priority(group);
    }

    @Override
    public Collection<String> openApiPaths() {
        return apis.remotes().stream()
                .filter(api -> {
                    Known answer = known.get(api.name());
                    return answer != null && answer.openApi() != null;
                })
                .map(api -> "apis/" + api.groupVersion())
                .toList();
    }

    @Override
    public Optional<OpenApi> openApi(String path) {
        return apis.remotes().stream()
                .filter(api -> path.equals("apis/" + api.groupVersion()))
                .findFirst()
                .map(api -> known.get(api.name()))
                .map(Known::openApi);
    }

    @Override
    public List<ObjectNode> openApiV2() {
        List<ObjectNode> documents = new ArrayList<>();
        for (AggregatedApi api : apis.remotes()) {
            Known answer = known.get(api.name());
            if (answer != null && answer.v2() != null) {
                documents.add(answer.v2());
            }
        }
        return documents;
    }
}
