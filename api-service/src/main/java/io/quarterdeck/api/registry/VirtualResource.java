package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;

/**
 * A create that stores nothing and answers at once: reviews, token requests. Found as a bean. Thread-safe.
 *
 * <p>The write path decodes, applies defaults and gives the body its managedFields before it calls; what comes back is
 * the answer, 201.
 */
public interface VirtualResource {

    GroupResource resource();

    /** Empty for the resource itself; {@code token} for {@code serviceaccounts/token}. */
    default String subresource() {
        return "";
    }

    /** @throws io.quarterdeck.model.StatusException when the body is refused */
    Document create(Document body, RequestInfo request);
}
