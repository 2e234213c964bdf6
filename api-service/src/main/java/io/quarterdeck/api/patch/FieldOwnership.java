package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Who owns which field: {@code metadata.managedFields} and server-side apply. Pure, thread-safe. */
public interface FieldOwnership {

    /** Where a request writes, and the versions in which fields of such objects may be owned. */
    interface Target {

        /** The version of the request. */
        GroupVersionKind kind();

        /** "" for the object itself. */
        String subresource();

        /** What a request to this place can set, in the fields of some version. */
        SettableFields settable(String apiVersion);

        /**
         * The object in another version, as its conversion gives it; the argument stays as it is.
         *
         * @return empty when that version is not served: what was owned in it is forgotten
         * @throws io.quarterdeck.model.StatusException when it cannot be converted
         */
        Optional<Document> in(String apiVersion, Document object);

        /** A place of which no other version is known. */
        static Target of(GroupVersionKind kind, String subresource, SettableFields settable) {
            return new Target() {
                @Override
                public GroupVersionKind kind() {
                    return kind;
                }

                @Override
                public String subresource() {
                    return subresource;
                }

                @Override
                public SettableFields settable(String apiVersion) {
                    return settable;
                }

                @Override
                public Optional<Document> in(String apiVersion, Document object) {
                    return Optional.empty();
                }
            };
        }
    }

    /**
     * Writes the managedFields of an object that was created or changed by anything but apply. What the request itself
     * says about managedFields (kept, changed, or reset by a list of nothing) is still in {@code next}.
     *
     * @param old the stored state in the same version; null for a create
     */
    void recordUpdate(Document next, @Nullable Document old, Target target, String manager, Instant now);

    /**
     * Merges an applied configuration into {@code live} and records the owner.
     *
     * @param live the stored state; null when the apply creates
     * @param applied what the client sent, checked
     * @throws io.quarterdeck.model.StatusException 409 with FieldManagerConflict causes when others own fields that
     *     change, unless forced
     */
    Document apply(
            @Nullable Document live, Document applied, Target target, String manager, boolean force, Instant now);

    /** Why nobody can read these managedFields, in upstream's words; empty when they are well. */
    Optional<String> flaw(JsonNode managedFields);
}
