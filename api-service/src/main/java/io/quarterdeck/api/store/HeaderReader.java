package io.quarterdeck.api.store;

import io.quarterdeck.model.GroupResource;
import tools.jackson.databind.node.ObjectNode;

/** Reads the header out of a stored body; told by the catalogue which fields a storage selects by. Thread-safe. */
public interface HeaderReader {

    EntryHeader read(GroupResource storage, byte[] body);

    /** The same out of the tree that the body is written from. */
    EntryHeader read(GroupResource storage, ObjectNode object);
}
