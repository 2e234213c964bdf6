package io.quarterdeck.api.registry;

import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An immutable catalogue of definitions. */
public final class Catalog implements ResourceCatalog {

    private record Address(String group, String version, String plural) {}

    private final List<ResourceDefinition> definitions;
    private final Map<Address, ResourceDefinition> byAddress = new HashMap<>();
    private final Map<GroupVersionKind, ResourceDefinition> byKind = new HashMap<>();
    private final Map<GroupResource, ResourceDefinition> byStorage = new HashMap<>();
    private final Map<String, List<String>> versions = new LinkedHashMap<>();

    /** @param groupOrder groups in the order of discovery; others follow by name */
    public Catalog(List<ResourceDefinition> definitions, List<String> groupOrder) {
        this.definitions = List.copyOf(definitions);
        List<String> groups = new ArrayList<>(definitions.stream()
                .map(ResourceDefinition::group)
                .distinct()
                .sorted()
                .toList());
        groups.sort(Comparator.comparingInt(group -> {
            int place = groupOrder.indexOf(group);
            return place < 0 ? Integer.MAX_VALUE : place;
        }));
        groups.forEach(group -> versions.put(
                group,
                definitions.stream()
                        .filter(definition -> definition.group().equals(group))
                        .map(ResourceDefinition::version)
                        .distinct()
                        .sorted(VersionOrder.BEST_FIRST)
                        .toList()));
        for (ResourceDefinition definition : definitions) {
            byAddress.put(new Address(definition.group(), definition.version(), definition.plural()), definition);
            byKind.putIfAbsent(definition.gvk(), definition);
            if (definition.version().equals(definition.storedVersion())
                    && definition.resource().equals(definition.storage())) {
                byStorage.put(definition.storage(), definition);
            }
        }
    }

    @Override
    public Optional<ResourceDefinition> find(String group, String version, String plural) {
        return Optional.ofNullable(byAddress.get(new Address(group, version, plural)));
    }

    @Override
    public Optional<ResourceDefinition> stored(GroupResource storage) {
        return Optional.ofNullable(byStorage.get(storage));
    }

    @Override
    public Optional<ResourceDefinition> byKind(String group, String version, String kind) {
        return Optional.ofNullable(byKind.get(new GroupVersionKind(group, version, kind)));
    }

    @Override
    public Collection<ResourceDefinition> all() {
        return definitions;
    }

    @Override
    public List<String> groups() {
        return List.copyOf(versions.keySet());
    }

    @Override
    public List<String> versions(String group) {
        return versions.getOrDefault(group, List.of());
    }
}
