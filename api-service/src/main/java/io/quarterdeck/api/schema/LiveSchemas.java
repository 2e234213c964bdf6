package io.quarterdeck.api.schema;

import io.quarterdeck.model.GroupVersionKind;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The schemas of Kubernetes' own kinds, and of those that custom resources bring while the server runs. Thread-safe. */
@Component
public final class LiveSchemas implements KindSchemas {

    private final SchemaCatalog builtin = SchemaCatalog.builtin();
    private volatile Map<GroupVersionKind, ObjectSchema> custom = Map.of();

    /** Replaces the custom kinds. */
    public void swap(Map<GroupVersionKind, ObjectSchema> kinds) {
        custom = Map.copyOf(kinds);
    }

    @Override
    public Optional<ObjectSchema> find(GroupVersionKind kind) {
        ObjectSchema known = custom.get(kind);
        return known == null ? builtin.find(kind) : Optional.of(known);
    }

    @Override
    public boolean custom(GroupVersionKind kind) {
        return custom.containsKey(kind);
    }
}
