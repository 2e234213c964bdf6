package io.quarterdeck.system.history;

import io.quarterdeck.system.history.Call.Ending;
import io.quarterdeck.system.history.Call.Frame;
import io.quarterdeck.system.history.Call.Kind;
import io.quarterdeck.system.history.Call.Outcome;
import io.quarterdeck.system.history.Call.Seen;
import io.quarterdeck.system.history.Call.Selection;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What the load asks of an API server: over HTTP, or of store and cache in the same process. Used by one client each. */
public interface Api extends AutoCloseable {

    /** @param revision of the write; 0 for a deletion and for what was not done */
    record Answer(Outcome outcome, long revision) {
        public static final Answer REFUSED = new Answer(Outcome.REFUSED, 0);
        public static final Answer UNKNOWN = new Answer(Outcome.UNKNOWN, 0);
    }

    record Listed(long revision, List<Seen> items) {}

    /** @param expected the revision to replace or delete; -1 to change whatever is there */
    Answer write(Kind kind, String key, long token, String group, long expected);

    /**
     * @param freshness as of {@link Call.Get}
     * @throws IOException when there was no answer that tells of the object
     */
    Optional<Seen> get(String key, long freshness) throws IOException;

    /**
     * @param limit of a page; all pages are read, 0 for one page
     * @throws IOException when there was no answer, or the pages could not be finished
     */
    Listed list(Selection selection, long freshness, int limit) throws IOException;

    /**
     * Watches until the server ends it or {@code each} answers false. Bookmarks are asked for.
     *
     * @throws IOException when it could not begin
     */
    Ending watch(Selection selection, long from, Predicate<Frame> each) throws IOException;

    @Override
    void close();
}
