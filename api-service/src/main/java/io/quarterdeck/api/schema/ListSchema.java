package io.quarterdeck.api.schema;

import java.util.List;

/**
 * A list.
 *
 * @param type how server-side apply merges it (x-kubernetes-list-type)
 * @param mapKeys the fields that identify an element when {@code type} is {@link Type#MAP}
 */
public record ListSchema(Schema items, Type type, List<String> mapKeys, String goType) implements Schema {

    public enum Type {
        ATOMIC,
        SET,
        MAP
    }

    public ListSchema {
        mapKeys = List.copyOf(mapKeys);
    }
}
