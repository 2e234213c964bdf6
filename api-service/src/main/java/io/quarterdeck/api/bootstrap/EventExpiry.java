package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds events that were last written too long ago. Remembers when it first saw each state, so that an event is parsed
 * once for each write and not once for each look. Used by one thread.
 */
final class EventExpiry {

    private final Duration lifetime;
    private final Map<ObjectKey, Seen> seen = new HashMap<>();

    private record Seen(long revision, Instant written) {}

    EventExpiry(Duration lifetime) {
        this.lifetime = lifetime;
    }

    List<Entry> expired(List<Entry> events, Instant now) {
        List<Entry> expired = new ArrayList<>();
        Set<ObjectKey> present = new HashSet<>();
        for (Entry event : events) {
            ObjectKey key = event.key().key();
            present.add(key);
            Seen known = seen.get(key);
            if (known == null || known.revision() != event.revision()) {
                // A state that appeared while this ran is as old as its first sight; one from before says its age.
                Instant written = known == null ? written(CachedObjects.document(event), now) : now;
                known = new Seen(event.revision(), written);
                seen.put(key, known);
            }
            if (known.written().plus(lifetime).isBefore(now)) {
                expired.add(event);
            }
        }
        seen.keySet().retainAll(present);
        return expired;
    }

    private static Instant written(Document event, Instant now) {
        Instant latest = Instant.EPOCH;
        for (String field : List.of(
                "metadata.creationTimestamp", "lastTimestamp", "deprecatedLastTimestamp", "series.lastObservedTime")) {
            try {
                Instant time = Instant.parse(event.text(field));
                latest = time.isAfter(latest) && !time.isAfter(now) ? time : latest;
            } catch (DateTimeParseException absent) {
                // Not every event has every time.
            }
        }
        return latest.equals(Instant.EPOCH) ? now : latest;
    }
}
