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
        ResourceStrategy strategy,
        Traits traits) {

    /**
     * What sets a resource apart from most.
     *
     * @param custom whether a CustomResourceDefinition made it: items of its lists keep their type header, and neither
     *     protobuf nor strategic patches are known for it
     * @param answersDeletedObject whether a deletion is answered with the object instead of a Status
     * @param garbageCollected whether propagation policies mean anything to it
     * @param orphansByDefault whether a deletion without a policy orphans
     * @param deprecation what every request is warned of; "" for none
     */
    public record Traits(
            boolean custom,
            boolean answersDeletedObject,
            boolean garbageCollected,
            boolean orphansByDefault,
            String deprecation) {
        public static final Traits COMMON = new Traits(false, false, true, false, "");
        public static final Traits CUSTOM = new Traits(true, false, true, false, "");
    }

    public boolean custom() {
        return traits.custom();
    }

    public GroupResource resource() {
        return new GroupResource(group, plural);
    }

    public GroupVersionKind gvk() {
        return new GroupVersionKind(group, version, kind);
    }

    public String listKind() {
        return strategy.listKind().orElseGet(() -> kind + "List");
    }

    public Optional<Subresource> subresource(String name) {
        return subresources.stream().filter(sub -> sub.name().equals(name)).findFirst();
    }
}
