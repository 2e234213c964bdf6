package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.api.validation.NameCheck;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a kind's schema cannot say. One file per kind under {@code kinds/<group>/}, found as a bean; whatever it leaves
 * out behaves as most kinds do. Pure but for {@link #enlist}: no I/O, no clock. Documents are in the stored version.
 * Thread-safe.
 *
 * <p>Source: Kubernetes API conventions; upstream's strategies under {@code pkg/registry}.
 */
public interface ResourceStrategy {

    /** What most kinds tell a client that selects by another field than name and namespace. */
    String KNOWN_FIELDS = "\"%s\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";

    SettableFields ALL_BUT_STATUS = SettableFields.allBut("status");

    SettableFields ALL_BUT_SPEC = SettableFields.allBut("spec");

    GroupResource resource();

    /** Defaults that have to be computed; static ones come from the defaults table, before this. */
    default void applyDefaults(Document object) {}

    /** Clears what a client may not set. The write path has dropped the status where the kind has that subresource. */
    default void prepareForCreate(Document next, RequestInfo request) {}

    /**
     * Keeps what this update may not change, and counts the generation. Status is kept by the write path where the kind
     * has that subresource.
     */
    default void prepareForUpdate(Document next, Document old, RequestInfo request) {}

    /** Whether a create keeps the status that the client sent, in a kind with that subresource (Node). */
    default boolean keepsStatusOnCreate() {
        return false;
    }

    /** An update of the status subresource; all but status and metadata was already put back. */
    default void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {}

    /** All findings at once, those of metadata excepted, which the write path makes. */
    default List<FieldError> validateCreate(Document next, RequestInfo request) {
        return List.of();
    }

    default List<FieldError> validateUpdate(Document next, Document old, RequestInfo request) {
        return List.of();
    }

    default List<FieldError> validateStatusUpdate(Document next, Document old, RequestInfo request) {
        return List.of();
    }

    /**
     * An update through a subresource other than status whose body is the object itself (ephemeralcontainers, resize,
     * approval, finalize; {@link RequestInfo#subresource} names it): puts back what that subresource may not change.
     */
    default void prepareForSubresourceUpdate(Document next, Document old, RequestInfo request) {}

    default List<FieldError> validateSubresourceUpdate(Document next, Document old, RequestInfo request) {
        return List.of();
    }

    /**
     * Judges such a body by itself, before it is known whether there is an object (a Pod's binding).
     *
     * @throws io.quarterdeck.model.StatusException when it is not legal
     */
    default void judgeSubresource(Document body, String subresource) {}

    /**
     * A POST to a subresource whose body is of another kind and that changes the object (a Pod's binding).
     *
     * @param object the current state; changed in place
     * @throws io.quarterdeck.model.StatusException when the body is not legal, or not for this object
     */
    default void applySubresource(Document object, Document body, RequestInfo request) {
        throw StatusException.methodNotAllowed();
    }

    /**
     * The fields that a write of the object (""), or through one of its subresources, can set: by others nobody comes to
     * own what the server puts back.
     *
     * @param statusApart whether the status is a subresource
     */
    default SettableFields settable(String subresource, boolean statusApart) {
        return switch (subresource) {
            case "" -> statusApart ? ALL_BUT_STATUS : SettableFields.ALL;
            case "status" -> ALL_BUT_SPEC;
            default -> SettableFields.ALL;
        };
    }

    /** How a list of such objects is called, where it is not the kind's name and {@code List}. */
    default Optional<String> listKind() {
        return Optional.empty();
    }

    /** Which names are legal. */
    default NameRule nameRule() {
        return NameRule.DNS_SUBDOMAIN;
    }

    /** The same with its words, for kinds whose names follow none of the common rules. */
    default NameCheck names() {
        return nameRule();
    }

    /**
     * Whether a finding about metadata is reported twice in the causes of an update, as upstream does for the kinds whose
     * own rules look at metadata again.
     */
    default boolean repeatsMetadataFindings() {
        return true;
    }

    /** Whether the object's generation starts at 1. */
    default boolean hasGeneration() {
        return true;
    }

    /** Whether a PUT without resourceVersion overwrites whatever is there. */
    default boolean allowsUnconditionalUpdate() {
        return true;
    }

    /**
     * Whether an unmet precondition of a deletion is told in the words of upstream's storage, which marks such objects
     * before it deletes them.
     */
    default boolean storageJudgesPreconditions() {
        return false;
    }

    /** Whether a PUT on an absent name creates. */
    default boolean allowsCreateOnUpdate() {
        return false;
    }

    /** Whether an object that is being deleted, and has no finalizer left, may go (a Namespace has finalizers of its own). */
    default boolean mayVanish(Document object) {
        return true;
    }

    /** What a deletion that leaves the object for now changes beside metadata (a Namespace becomes Terminating). */
    default void markDeleting(Document object) {}

    /** How long a deletion leaves the object to its agent; empty for kinds that vanish at once. */
    default Optional<Duration> gracePeriod(Document object, Optional<Long> requestedSeconds) {
        return Optional.empty();
    }

    /** What a client should know although it is no error, in upstream's words; asked after validation. */
    default List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return List.of();
    }

    /** What a client should know that asks for a deletion in this way, in upstream's words. */
    default List<String> deletionWarnings(DeleteOptions options) {
        return List.of();
    }

    /**
     * Further writes and guards that belong to this one (allocated addresses, for example). May draw, may read and may
     * write what it drew into {@code next}. When its writes conflict it is asked again, with a {@code next} that knows
     * nothing of the first draw.
     */
    default Enlisted enlist(Document next, Optional<Document> old, RequestInfo request) {
        return Enlisted.NOTHING;
    }

    /** What goes with an object that is removed. May read. */
    default Enlisted enlistRemoval(Document object, RequestInfo request) {
        return Enlisted.NOTHING;
    }

    /** What {@link #enlist} adds to the object's own transaction. */
    record Enlisted(List<Operation> operations, List<Transaction.Guard> guards) {
        public static final Enlisted NOTHING = new Enlisted(List.of(), List.of());

        public Enlisted and(Enlisted other) {
            if (other == NOTHING) {
                return this;
            }
            List<Operation> all = new ArrayList<>(operations);
            all.addAll(other.operations);
            List<Transaction.Guard> both = new ArrayList<>(guards);
            both.addAll(other.guards);
            return new Enlisted(all, both);
        }
    }

    default List<SelectableField> selectableFields() {
        return List.of();
    }

    /**
     * Annotations that stand for fields of other versions of this kind: the whole object shows them, its metadata alone
     * and its Table row do not.
     */
    default Set<String> versionedAnnotations() {
        return Set.of();
    }

    /** Whether a subresource can be shown as a Table: upstream has no columns for some. */
    default boolean tabulates(String subresource) {
        return true;
    }

    /** Whether a field selector may name this field, beside name and namespace. */
    default boolean selects(String label) {
        return selectableFields().stream().anyMatch(field -> field.label().equals(label));
    }

    /** What a client is told that selects by any other field. */
    default String unsupportedField(String label) {
        return selectableFields().isEmpty() ? KNOWN_FIELDS.formatted(label) : "field label not supported: " + label;
    }

    /** Table columns; the default is Name and Age (Created At). */
    default Optional<Columns> columns() {
        return Optional.empty();
    }

    /** Why all requests for this kind fail although its names are taken; no document shows such a kind. */
    default Optional<StatusException> outOfService() {
        return Optional.empty();
    }

    /** How stored entries become objects, where they are not served as they lie. */
    default Optional<StoredForm> storedForm() {
        return Optional.empty();
    }

    /** Where the scale subresource finds its numbers. */
    default Optional<ScalePaths> scale() {
        return Optional.empty();
    }

    /**
     * Dotted paths; {@code selector} holds a label selector object, a plain map or a selector's text.
     *
     * @param required whether an object without the number of replicas has no Scale
     * @param elsewhere where other versions, by their apiVersion, have the wanted number; "" for nowhere
     */
    record ScalePaths(
            String specReplicas,
            String statusReplicas,
            String selector,
            boolean required,
            Map<String, String> elsewhere) {
        public ScalePaths(String specReplicas, String statusReplicas, String selector) {
            this(specReplicas, statusReplicas, selector, false, Map.of());
        }
    }
}
