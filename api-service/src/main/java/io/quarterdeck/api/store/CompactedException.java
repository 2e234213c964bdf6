package io.quarterdeck.api.store;

/** The change log no longer reaches back to what was asked: whoever follows it must read everything anew. */
public final class CompactedException extends RuntimeException {

    public CompactedException(long revision, long compactedRevision) {
        super("changes behind revision %d are compacted up to %d".formatted(revision, compactedRevision));
    }
}
