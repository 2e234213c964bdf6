package io.quarterdeck.cel;

import io.quarterdeck.cel.DeclType.DeclField;
import io.quarterdeck.cel.DeclType.MapOf;
import io.quarterdeck.cel.DeclType.ObjectOf;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A map or an object of a document. */
final class JsonMap extends AbstractMap<Object, Object> {

    private final ObjectNode node;
    private final @Nullable DeclType type;

    /** @param type null where nothing is known of the values */
    JsonMap(ObjectNode node, @Nullable DeclType type) {
        this.node = node;
        this.type = type;
    }

    ObjectNode node() {
        return node;
    }

    /** Whether all that the tree holds can be seen. */
    boolean isWhole() {
        return !(type instanceof ObjectOf);
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
        if (!(key instanceof String name)) {
            return null;
        }
        if (type instanceof ObjectOf object) {
            DeclField field = object.fields().get(name);
            if (field == null) {
                return null;
            }
            return isSet(field) ? CelValues.of(node.path(field.jsonName()), field.type()) : null;
        }
        JsonNode value = node.get(name);
        return value == null ? null : CelValues.of(value, type instanceof MapOf map ? map.value() : DeclType.DYN);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        if (!(key instanceof String name)) {
            return false;
        }
        if (type instanceof ObjectOf object) {
            DeclField field = object.fields().get(name);
            return field != null && isSet(field);
        }
        return node.has(name);
    }

    /** A null counts as nothing: only maps may hold one. */
    private boolean isSet(DeclField field) {
        return node.hasNonNull(field.jsonName());
    }

    @Override
    public int size() {
        return type instanceof ObjectOf ? entrySet().size() : node.size();
    }

    @Override
    public Set<Map.Entry<Object, Object>> entrySet() {
        Map<Object, Object> entries = new LinkedHashMap<>();
        if (type instanceof ObjectOf object) {
            object.fields().forEach((name, field) -> {
                if (isSet(field)) {
                    entries.put(name, CelValues.of(node.path(field.jsonName()), field.type()));
                }
            });
        } else {
            DeclType values = type instanceof MapOf map ? map.value() : DeclType.DYN;
            node.properties().forEach(entry -> entries.put(entry.getKey(), CelValues.of(entry.getValue(), values)));
        }
        return entries.entrySet();
    }
}
