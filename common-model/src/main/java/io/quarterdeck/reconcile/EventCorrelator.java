package io.quarterdeck.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of an event: a new object, a higher count on an old one, or nothing. Ten different messages
 * about the same matter within ten minutes become one combined event; one object may cause a burst of 25 events, then
 * one in five minutes. Time comes from outside; not thread-safe. Source: client-go, tools/record.
 */
final class EventCorrelator {

    private static final int KNOWN = 4096;
    private static final int SIMILAR_MESSAGES = 10;
    private static final Duration SIMILAR_WITHIN = Duration.ofSeconds(600);
    private static final double BURST = 25;
    private static final double TOKENS_PER_SECOND = 1d / 300;

    private final Map<String, Bucket> buckets = lru();
    private final Map<Matter, Similar> matters = lru();
    private final Map<Fact, Recorded> recorded = lru();

    /** What events are about; those of one matter differ in their message only. */
    record Matter(String component, String subject, String type, String reason) {}

    private record Fact(Matter matter, String message) {}

    private static final class Bucket {
        double tokens = BURST;
        Instant filled;

        Bucket(Instant now) {
            filled = now;
        }
    }

    private static final class Similar {
        final Set<String> messages = new HashSet<>();
        Instant last;

        Similar(Instant now) {
            last = now;
        }
    }

    /** An event object in the API: its name, how often it was counted, and since when. */
    record Recorded(String name, int count, Instant first) {}

    /**
     * What to write.
     *
     * @param before the object to count up; empty for a new one
     */
    record Decision(String message, Optional<Recorded> before) {}

    Optional<Decision> decide(Matter matter, String message, Instant now) {
        Similar similar = matters.computeIfAbsent(matter, key -> new Similar(now));
        if (Duration.between(similar.last, now).compareTo(SIMILAR_WITHIN) > 0) {
            similar.messages.clear();
        }
        similar.last = now;
        similar.messages.add(message);
        boolean combined = similar.messages.size() >= SIMILAR_MESSAGES;
        if (combined && similar.messages.size() > SIMILAR_MESSAGES) {
            // Any one can go: only the number counts.
            similar.messages.remove(similar.messages.iterator().next());
        }
        if (!allowed(matter, now)) {
            return Optional.empty();
        }
        String text = combined ? "(combined from similar events): " + message : message;
        return Optional.of(new Decision(text, Optional.ofNullable(recorded.get(fact(matter, text)))));
    }

    /** Remembers what was written. */
    void written(Matter matter, String message, Recorded event) {
        recorded.put(fact(matter, message), event);
    }

    /** The object is no longer there: the next like it is new. */
    void forget(Matter matter, String message) {
        recorded.remove(fact(matter, message));
    }

    private static Fact fact(Matter matter, String message) {
        return new Fact(matter, message.startsWith("(combined from similar events): ") ? "" : message);
    }

    private boolean allowed(Matter matter, Instant now) {
        Bucket bucket = buckets.computeIfAbsent(matter.component() + " " + matter.subject(), key -> new Bucket(now));
        double seconds = Duration.between(bucket.filled, now).toMillis() / 1000d;
        bucket.tokens = Math.min(BURST, bucket.tokens + seconds * TOKENS_PER_SECOND);
        bucket.filled = now;
        if (bucket.tokens < 1) {
            return false;
        }
        bucket.tokens -= 1;
        return true;
    }

    private static <K, V> Map<K, V> lru() {
        return new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.@Nullable Entry<K, V> eldest) {
                return size() > KNOWN;
            }
        };
    }
}
