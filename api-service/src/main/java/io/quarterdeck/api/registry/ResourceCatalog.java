package io.quarterdeck.api.registry;

import io.quarterdeck.model.GroupResource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Everything that is served, at one moment. Immutable: a change (a custom resource, an aggregated API) swaps the whole
 * catalogue, so that routing, discovery and OpenAPI cannot disagree.
 */
public interface ResourceCatalog {

    Optional<ResourceDefinition> find(String group, String version, String plural);

    /** The definition in the stored version. */
    Optional<ResourceDefinition> stored(GroupResource storage);

    Optional<ResourceDefinition> byKind(String group, String version, String kind);

    Collection<ResourceDefinition> all();

    /** Groups in the order of discovery; the core group is "". */
    List<String> groups();

    /** A group's versions, the preferred one first. */
    List<String> versions(String group);
}
