package io.quarterdeck.system.history;

import io.quarterdeck.system.history.Call.Selection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sequence of changes that a history tells of, and the state at each of them. */
public final class Model {

    /**
     * One change.
     *
     * @param token of the write that made the state; of a deletion, the state that it ended
     */
    public static final class Event {
        final long revision;
        final String key;
        final boolean deletion;
        final long token;
        final String group;

        /** The state before, null when there was none; known once the sequence is. */
        @Nullable Event before;

        Event(long revision, String key, boolean deletion, long token, String group) {
            this.revision = revision;
            this.key = key;
            this.deletion = deletion;
            this.token = token;
            this.group = group;
        }

        public long revision() {
            return revision;
        }

        public String key() {
            return key;
        }

        public boolean deletion() {
            return deletion;
        }

        public long token() {
            return token;
        }

        /** The revision of the state before, 0 when there was none. */
        public long previous() {
            return before == null ? 0 : before.revision;
        }

        boolean same(Event other) {
            return key.equals(other.key) && deletion == other.deletion && token == other.token;
        }

        @Override
        public String toString() {
            return (deletion ? "deletion" : "state") + " of " + key + " by write " + token;
        }
    }

    private final TreeMap<Long, Event> byRevision = new TreeMap<>();
    private final Map<String, List<Event>> byKey = new HashMap<>();
    private List<Event> sequence = List.of();

    /** Learns of a change; answers what is known of its revision already and differs. */
    @Nullable Event learn(Event event) {
        Event known = byRevision.putIfAbsent(event.revision, event);
        return known == null || known.same(event) ? null : known;
    }

    /** No more is learnt. */
    void close() {
        sequence = new ArrayList<>(byRevision.values());
        for (Event event : sequence) {
            List<Event> events = byKey.computeIfAbsent(event.key, first -> new ArrayList<>());
            Event last = events.isEmpty() ? null : events.getLast();
            event.before = last == null || last.deletion ? null : last;
            events.add(event);
        }
    }

    /** In order. */
    public List<Event> sequence() {
        return sequence;
    }

    Map<String, List<Event>> byKey() {
        return byKey;
    }

    List<Event> of(String key) {
        return byKey.getOrDefault(key, List.of());
    }

    /** The last change of a key at or before a revision; -1 when there is none. */
    static int indexAt(List<Event> events, long revision) {
        int low = 0;
        int high = events.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (events.get(middle).revision <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** Everything of a selection at a revision, by key. */
    Map<String, Event> at(long revision, Selection selection) {
        Map<String, Event> state = new HashMap<>();
        byKey.forEach((key, events) -> {
            int index = indexAt(events, revision);
            Event last = index < 0 ? null : events.get(index);
            if (last != null && !last.deletion && selection.matches(key, last.group)) {
                state.put(key, last);
            }
        });
        return state;
    }

    /** What follows a revision. */
    List<Event> behind(long revision) {
        return Collections.unmodifiableList(sequence).subList(indexAt(sequence, revision) + 1, sequence.size());
    }
}
