package io.quarterdeck.system.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of one client. Times are those of one clock, in nanoseconds. */
public sealed interface Call {

    long began();

    long ended();

    /**
     * A state of an object as a client saw it.
     *
     * @param key {@code namespace/name}
     * @param token names the write that made it; no two writes have the same
     * @param group the value of the label that selections go by
     */
    record Seen(String key, long revision, long token, String group) {}

    /** Which objects; an empty namespace or group means all. */
    record Selection(String namespace, String group) {
        public static final Selection ALL = new Selection("", "");

        boolean matches(String key, String itsGroup) {
            return (namespace.isEmpty() || key.startsWith(namespace + "/"))
                    && (group.isEmpty() || group.equals(itsGroup));
        }
    }

    enum Outcome {
        DONE,
        /** Nothing was changed, says the answer. */
        REFUSED,
        /** No answer came, or one that leaves it open. */
        UNKNOWN
    }

    enum Kind {
        CREATE,
        REPLACE,
        DELETE
    }

    /**
     * @param expected the revision that the write asked for; -1 when it took whatever was there
     * @param revision what the answer told; 0 for a deletion, whose answer tells none
     */
    record Write(
            long began,
            long ended,
            Kind kind,
            String key,
            long token,
            String group,
            long expected,
            Outcome outcome,
            long revision)
            implements Call {}

    /** How new an answer had to be: {@link #CONSISTENT}, or a revision (0: anything). */
    record Get(
            long began,
            long ended,
            String key,
            long freshness,
            @Nullable Seen seen) implements Call {
        public static final long CONSISTENT = -1;
    }

    /** @param freshness as of {@link Get}; ignored by {@code exact}, which asks for the state at {@code revision} */
    record Listing(
            long began, long ended, Selection selection, long freshness, boolean exact, long revision, List<Seen> items)
            implements Call {}

    enum FrameType {
        ADDED,
        MODIFIED,
        DELETED,
        BOOKMARK
    }

    /** @param seen of a bookmark only its revision counts */
    record Frame(long at, FrameType type, Seen seen) {}

    enum Ending {
        /** By either side, or by a fault. */
        CLOSED,
        /** 410. */
        EXPIRED
    }

    /**
     * One watch, from its request to its end.
     *
     * @param from the revision behind which it asked to begin
     * @param reached everything up to here must have come, 0 when nothing is known
     */
    record Watch(
            long began, long ended, Selection selection, long from, List<Frame> frames, Ending ending, long reached)
            implements Call {}
}
