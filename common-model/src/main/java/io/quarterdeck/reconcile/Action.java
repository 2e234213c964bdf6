package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One write to the API. The runner sends it, retries what may be retried and waits until the cache has seen it. */
public sealed interface Action {

    /** An already existing object is a success when it is controlled by the same owner. */
    record Create(HasMetadata object) implements Action {}

    /** Replaces the whole object; refused when it changed since {@code object} was read. */
    record Update(HasMetadata object) implements Action {}

    /** Replaces the status through the status subresource; refused when it changed since {@code object} was read. */
    record UpdateStatus(HasMetadata object) implements Action {}

    /** The same through another subresource: {@code approval} of a certificate request. */
    record UpdateSubresource(HasMetadata object, String subresource) implements Action {}

    /** A patch of whatever type; {@code subresource} is empty for the object itself. Patches are JSON trees in text. */
    record Patch(Class<? extends HasMetadata> kind, ObjectKey key, String subresource, PatchType type, String body)
            implements Action {}

    enum PatchType {
        JSON,
        MERGE,
        STRATEGIC
    }

    /**
     * An absent object is a success. {@code uid} protects an object that was created anew under the name.
     *
     * @param gracePeriodSeconds the kind's own when empty
     */
    record Delete(
            Class<? extends HasMetadata> kind,
            ObjectKey key,
            String uid,
            Optional<Propagation> propagation,
            Optional<Long> gracePeriodSeconds)
            implements Action {

        public static Delete of(HasMetadata object) {
            return new Delete(
                    object.getClass(),
                    ObjectStore.keyOf(object),
                    object.getMetadata().getUid(),
                    Optional.empty(),
                    Optional.empty());
        }
    }

    enum Propagation {
        BACKGROUND("Background"),
        FOREGROUND("Foreground"),
        ORPHAN("Orphan");

        private final String word;

        Propagation(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** Creates several objects with slow start (1, 2, 4 …), stopping at the first batch that has a failure. */
    record CreateMany(List<? extends HasMetadata> objects) implements Action {}

    /** Performs all at once, side by side; each is tried, whatever becomes of the others. */
    record Together(List<? extends Action> actions) implements Action {}

    /** An event about {@code about}; like events are aggregated and rate-limited as upstream's recorder does. */
    record EmitEvent(HasMetadata about, EventType type, String reason, String message, Map<String, String> annotations)
            implements Action {}

    enum EventType {
        NORMAL("Normal"),
        WARNING("Warning");

        private final String word;

        EventType(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }
}
