package io.quarterdeck.api.store;

/**
 * One state of one object, as it is served. Immutable; never change {@code body}.
 *
 * @param revision the revision of the commit that wrote it: its resourceVersion
 * @param createdRevision the revision that created the object
 * @param storedVersion the API version that the body is in, without its group
 * @param body canonical JSON without its type header: from {@code "metadata":{"resourceVersion":"…"} to the closing brace
 */
public record Entry(
        StoreKey key, long revision, long createdRevision, String storedVersion, byte[] body, EntryHeader header) {}
