package io.quarterdeck.api.store;

import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;

/**
 * The place of an object: its storage (what two API resources may share) and its key. Order within a storage is the
 * order of the bytes of {@code namespace/name}.
 */
public record StoreKey(GroupResource storage, ObjectKey key) {}
