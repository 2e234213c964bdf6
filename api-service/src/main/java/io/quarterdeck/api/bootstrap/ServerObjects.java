package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.List;
import java.util.Optional;

/**
 * What the server reads and writes on its own account. Writes go the way of every request but for authentication. Errors
 * are {@link io.quarterdeck.model.StatusException}.
 */
interface ServerObjects {

    Optional<Document> get(GroupResource resource, ObjectKey key);

    /** Everything of a resource, in all namespaces. */
    List<Document> list(GroupResource resource);

    void create(GroupResource resource, Document object, String fieldManager);

    /** Replaces what {@link #get} returned; a change in between is a conflict. */
    void update(GroupResource resource, Document object, String fieldManager);

    /** Writes conditions of the status by server-side apply: the manager owns these and nothing else. */
    void applyConditions(GroupResource resource, Document object, String fieldManager);

    /** Removes the object of this uid; nothing happens when it is gone. */
    void delete(GroupResource resource, ObjectKey key, String uid);
}
