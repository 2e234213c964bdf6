package io.quarterdeck.api.schema;

import io.quarterdeck.model.GroupVersionKind;
import java.util.Optional;

/** Where the schema of a kind is found. Thread-safe. */
public interface KindSchemas {

    Optional<ObjectSchema> find(GroupVersionKind kind);

    /** What is known of a custom kind; empty for kinds of Kubernetes itself. */
    default Optional<Custom> custom(GroupVersionKind kind) {
        return Optional.empty();
    }

    /** @param statusApart whether the status is a subresource, which ordinary writes do not touch */
    record Custom(ObjectSchema schema, boolean statusApart) {}
}
