package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Who owns which field: {@code metadata.managedFields} and server-side apply. Pure, thread-safe. */
public interface FieldOwnership {

    /**
     * Writes the managedFields of an object that was created or changed by anything but apply. What the request itself
     * says about managedFields (kept, or reset by an empty list) is still in {@code next}.
     *
     * @param old the stored state in the same version; null for a create
     * @param kind the version of the request
     */
    void recordUpdate(
            Document next,
            @Nullable Document old,
            GroupVersionKind kind,
            String manager,
            String subresource,
            Instant now);

    /**
     * Merges an applied configuration into {@code live} and records the owner.
     *
     * @param live the stored state; null when the apply creates
     * @param applied what the client sent, checked
     * @throws io.quarterdeck.model.StatusException 409 with FieldManagerConflict causes when others own fields that
     *     change, unless forced
     */
    Document apply(
            @Nullable Document live,
            Document applied,
            GroupVersionKind kind,
            String manager,
            String subresource,
            boolean force,
            Instant now);
}
