package io.quarterdeck.api.kinds;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceStrategy;
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A strategy whose judgement is a table of rules. {@link #rules} hold for every write; what only an update must respect
 * is said there with {@code immutable()} and {@code onUpdate(...)}.
 */
public interface KindStrategy extends ResourceStrategy {

    /** A finalizer without a domain must be one that Kubernetes itself uses. */
    Rules CORE_FINALIZERS = Rules.of(Rules.at("metadata.finalizers", MetadataRules::coreFinalizers));

    default Rules rules() {
        return Rules.none();
    }

    /**
     * Whether {@link #CORE_FINALIZERS} is asked of an object: not of the kinds that upstream judges by the rules of all
     * metadata alone.
     */
    default boolean coreFinalizersOnly() {
        return true;
    }

    /** What a write of the status must respect. */
    default Rules statusRules() {
        return Rules.none();
    }

    @Override
    default boolean hasGeneration() {
        return false;
    }

    @Override
    default List<FieldError> validateCreate(Document next, RequestInfo request) {
        return (coreFinalizersOnly() ? CORE_FINALIZERS.and(rules()) : rules()).check(next, null);
    }

    @Override
    default List<FieldError> validateUpdate(Document next, Document old, RequestInfo request) {
        return (coreFinalizersOnly() ? CORE_FINALIZERS.and(rules()) : rules()).check(next, old);
    }

    @Override
    default List<FieldError> validateStatusUpdate(Document next, Document old, RequestInfo request) {
        return (coreFinalizersOnly() ? CORE_FINALIZERS.and(statusRules()) : statusRules()).check(next, old);
    }

    /** Gives the next generation when anything but metadata and status changed. */
    static void countGeneration(Document next, Document old) {
        long generation = old.number("metadata.generation", 0);
        next.set("metadata.generation", changed(next, old) ? generation + 1 : generation);
    }

    /** What a write of the status may not touch, in the kinds that are strict about it. */
    static void keepMetadata(Document next, Document old) {
        for (String field : List.of("labels", "annotations", "finalizers", "ownerReferences")) {
            next.keep("metadata." + field, old);
        }
    }

    private static boolean changed(Document next, Document old) {
        Set<String> fields = new TreeSet<>(next.tree().propertyNames());
        fields.addAll(old.tree().propertyNames());
        fields.removeAll(List.of("apiVersion", "kind", "metadata", "status"));
        return fields.stream().anyMatch(field -> !Values.same(next.at(field), old.at(field)));
    }
}
