package io.quarterdeck.api.store;

import io.quarterdeck.model.GroupResource;

/** Reads the header out of a stored body; told by the catalogue which fields a storage selects by. Thread-safe. */
public interface HeaderReader {

    EntryHeader read(GroupResource storage, byte[] body);
}
