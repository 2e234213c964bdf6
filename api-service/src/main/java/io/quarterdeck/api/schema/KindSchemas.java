package io.quarterdeck.api.schema;

import io.quarterdeck.model.GroupVersionKind;
import java.util.Optional;

/** Where the schema of a kind is found. Thread-safe. */
public interface KindSchemas {

    Optional<ObjectSchema> find(GroupVersionKind kind);

    /** Whether a CustomResourceDefinition made the kind. */
    default boolean custom(GroupVersionKind kind) {
        return false;
    }
}
