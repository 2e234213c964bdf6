package io.quarterdeck.api.schema;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A named field of an {@link ObjectSchema}.
 *
 * @param pointer whether Go holds a pointer, so that a zero differs from nothing
 * @param omitEmpty Go's omitempty: an empty value is left out
 * @param omitZero Go's omitzero: a struct without any value is left out
 * @param patchStrategies x-kubernetes-patch-strategy: merge, replace, retainKeys
 * @param patchMergeKey x-kubernetes-patch-merge-key
 */
public record Field(
        String name,
        Schema schema,
        boolean pointer,
        boolean omitEmpty,
        boolean omitZero,
        boolean required,
        Set<String> patchStrategies,
        @Nullable String patchMergeKey) {

    public Field {
        patchStrategies = Set.copyOf(patchStrategies);
    }

    /** A field that is written exactly when it was given. */
    public static Field of(String name, Schema schema) {
        return new Field(name, schema, true, true, false, false, Set.of(), null);
    }
}
