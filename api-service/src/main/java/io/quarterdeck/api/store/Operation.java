package io.quarterdeck.api.store;

/**
 * One write. {@code expected} is the revision that the object must have, 0 when it must be absent.
 */
public sealed interface Operation {

    StoreKey key();

    long expected();

    /**
     * Creates or replaces.
     *
     * @param body canonical JSON without type header and with an empty resourceVersion slot
     */
    record Put(StoreKey key, long expected, String storedVersion, byte[] body, EntryHeader header)
            implements Operation {}

    /** Removes; {@code lastBody} is the state that the DELETED event shows, in the form of {@link Put#body}. */
    record Remove(StoreKey key, long expected, String storedVersion, byte[] lastBody, EntryHeader header)
            implements Operation {
        public Remove {
            if (expected <= 0) {
                throw new IllegalArgumentException("a removal names the revision that it removes");
            }
        }
    }
}
