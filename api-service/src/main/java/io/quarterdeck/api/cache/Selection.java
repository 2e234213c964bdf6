package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.ObjectKey;

/**
 * Which objects of a storage. An empty namespace or name means all. {@code metadata.name} and
 * {@code metadata.namespace} requirements of the field selector are tested against the key, all others against the
 * header.
 */
public record Selection(String namespace, String name, LabelSelector labels, FieldSelector fields) {

    public static final Selection ALL = new Selection("", "", LabelSelector.EVERYTHING, FieldSelector.EVERYTHING);

    /** Whether an object is told by its key alone: that never changes. */
    public boolean isByKey() {
        return labels.isEverything() && fields.requirements().stream().allMatch(Selection::isOfKey);
    }

    /** What the key alone says of this selection. */
    public Selection byKey() {
        return new Selection(
                namespace,
                name,
                LabelSelector.EVERYTHING,
                new FieldSelector(fields.requirements().stream()
                        .filter(Selection::isOfKey)
                        .toList()));
    }

    private static boolean isOfKey(FieldSelector.Requirement requirement) {
        return requirement.field().equals("metadata.name")
                || requirement.field().equals("metadata.namespace");
    }

    public boolean matches(Entry entry) {
        ObjectKey key = entry.key().key();
        if ((!namespace.isEmpty() && !namespace.equals(key.namespace()))
                || (!name.isEmpty() && !name.equals(key.name()))) {
            return false;
        }
        for (FieldSelector.Requirement requirement : fields.requirements()) {
            String actual = switch (requirement.field()) {
                case "metadata.name" -> key.name();
                case "metadata.namespace" -> key.namespace();
                default -> entry.header().fields().getOrDefault(requirement.field(), "");
            };
            if (actual.equals(requirement.value()) != requirement.equal()) {
                return false;
            }
        }
        return labels.isEverything() || labels.matches(entry.header().labels());
    }
}
