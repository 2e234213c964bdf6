package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;

/**
 * Between an API version and the version that its storage keeps, for kinds of which several versions share a storage. Found
 * as a bean. Both methods answer a new document with its type header set and leave their argument alone. Thread-safe.
 */
public interface VersionConverter {

    /** The version that is not the stored one. */
    GroupVersionKind version();

    Document toStored(Document object);

    Document fromStored(Document stored);
}
