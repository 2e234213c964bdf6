package io.quarterdeck.cel;

import org.jspecify.annotations.Nullable;

/** What the authorizer library asks. Thread-safe. */
@FunctionalInterface
public interface Access {

    Answer decide(Question question);

    /**
     * What somebody wants to do: with a resource, or with a path where {@code path} is given.
     *
     * @param serviceAccount {@code namespace:name} of the account that asks; null for the user of the request
     * @param fieldSelector as it was given; null where none was
     */
    record Question(
            @Nullable String serviceAccount,
            String verb,
            @Nullable String path,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name,
            @Nullable String fieldSelector,
            @Nullable String labelSelector) {}

    /** @param error why nothing could be decided; null where it could */
    record Answer(boolean allowed, String reason, @Nullable String error) {}
}
