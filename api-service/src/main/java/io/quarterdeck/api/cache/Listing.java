package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.ObjectKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The answer to a list.
 *
 * @param revision the list's resourceVersion
 * @param next the key that the next page starts behind, when a limit cut the list
 * @param remaining how many entries lie behind the cut; empty when a selector makes it unknown
 */
public record Listing(long revision, List<Entry> entries, Optional<ObjectKey> next, OptionalLong remaining) {

    /** The same page with other entries. */
    public Listing showing(List<Entry> shown) {
        return shown == entries ? this : new Listing(revision, shown, next, remaining);
    }
}
