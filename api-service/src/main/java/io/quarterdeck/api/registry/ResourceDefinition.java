package io.quarterdeck.api.registry;

import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import java.util.List;
import java.util.Optional;

/**
 * One resource in one API version: everything that routing, discovery, OpenAPI and the write path need to know.
 * Immutable.
 *
 * @param storage where its objects lie; several resources or versions may share one
 * @param storedVersion the version (without group) that the storage keeps
 */
public record ResourceDefinition(
        String group,
        String version,
        String plural,
        String singular,
        String kind,
        boolean namespaced,
        List<String> shortNames,
        List<String> categories,
        List<String> verbs,
        List<Subresource> subresources,
        GroupResource storage,
        String storedVersion,
        ResourceStrategy strategy) {

    public GroupResource resource() {
        return new GroupResource(group, plural);
    }

    public GroupVersionKind gvk() {
        return new GroupVersionKind(group, version, kind);
    }

    public String listKind() {
        return kind + "List";
    }

    public Optional<Subresource> subresource(String name) {
        return subresources.stream().filter(sub -> sub.name().equals(name)).findFirst();
    }
}
