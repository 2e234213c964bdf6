package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;

/**
 * A resource or subresource that answers creates and stores nothing by itself: reviews, service account tokens. Found as a
 * bean. The body arrives decoded and defaulted, its type header set; the answer is sent with 201. Thread-safe.
 */
public interface CreateOnlyResource {

    GroupResource resource();

    /** Empty for the resource itself. */
    default String subresource() {
        return "";
    }

    /** @param request the key names the parent object of a subresource */
    Document create(Document body, RequestInfo request);
}
