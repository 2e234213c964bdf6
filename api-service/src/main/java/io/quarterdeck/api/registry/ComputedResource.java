package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import java.time.Instant;
import java.util.List;

/**
 * A resource whose objects are made when they are read and are kept nowhere: component statuses. Found as a bean.
 * Thread-safe.
 */
public interface ComputedResource {

    GroupResource resource();

    /** All objects as they are now, with names and type headers. */
    List<Document> objects(Instant now);
}
