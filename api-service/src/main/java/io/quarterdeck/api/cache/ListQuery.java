package io.quarterdeck.api.cache;

import io.quarterdeck.model.ObjectKey;
import java.util.Optional;

/** @param limit 0 means no limit; @param after only keys behind this one (the next page) */
public record ListQuery(Selection selection, Freshness freshness, int limit, Optional<ObjectKey> after) {

    public static ListQuery of(Selection selection, Freshness freshness) {
        return new ListQuery(selection, freshness, 0, Optional.empty());
    }
}
