package io.quarterdeck.api.schema;

import io.quarterdeck.model.GroupVersionKind;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The schemas of a set of kinds. Immutable, thread-safe. */
public final class SchemaCatalog implements KindSchemas {

    private final Map<String, ObjectSchema> definitions;
    private final Map<GroupVersionKind, ObjectSchema> kinds = new HashMap<>();

    SchemaCatalog(Map<String, ObjectSchema> definitions) {
        this.definitions = definitions;
        definitions.values().forEach(schema -> schema.kinds().forEach(kind -> kinds.put(kind, schema)));
    }

    /** The kinds of Kubernetes itself, alpha and beta ones included. Read on first use. */
    public static SchemaCatalog builtin() {
        return Builtin.CATALOG;
    }

    @Override
    public Optional<ObjectSchema> find(GroupVersionKind kind) {
        return Optional.ofNullable(kinds.get(kind));
    }

    /** A definition by the name it has in the OpenAPI document. */
    public Optional<ObjectSchema> definition(String name) {
        return Optional.ofNullable(definitions.get(name));
    }

    public Collection<GroupVersionKind> kinds() {
        return kinds.keySet();
    }

    private static final class Builtin {
        static final SchemaCatalog CATALOG = new SchemaCatalog(new BuiltinDefinitions().read());
    }
}
