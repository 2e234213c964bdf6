package io.quarterdeck.api.cache;

import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.ObjectKey;
import org.jspecify.annotations.Nullable;

/** The cheapest way to the entries of a selection: a term of an index, or the tree itself. */
record Lookup(@Nullable SelectorIndex index, String word, String value, int count) {

    static KeyRange rangeOf(Selection selection) {
        String namespace = selection.namespace();
        String name = selection.name();
        for (FieldSelector.Requirement requirement : selection.fields().requirements()) {
            if (requirement.equal() && requirement.field().equals("metadata.namespace") && namespace.isEmpty()) {
                namespace = requirement.value();
            }
            if (requirement.equal() && requirement.field().equals("metadata.name") && name.isEmpty()) {
                name = requirement.value();
            }
        }
        if (!namespace.isEmpty() && !name.isEmpty()) {
            return new KeyRange(new ObjectKey(namespace, name), new ObjectKey(namespace, name + "\0"));
        }
        return namespace.isEmpty() ? KeyRange.all() : KeyRange.namespace(namespace);
    }

    static Lookup best(
            OrderedTree<Entry, ObjectKey> tree,
            SelectorIndex labels,
            SelectorIndex fields,
            Selection selection,
            KeyRange range) {
        Lookup best = new Lookup(null, "", "", tree.rank(range.end()) - tree.rank(range.start()));
        for (FieldSelector.Requirement requirement : selection.fields().requirements()) {
            if (requirement.equal()
                    && !requirement.value().isEmpty()
                    && !requirement.field().startsWith("metadata.name")) {
                best = best.orCheaper(fields, requirement.field(), requirement.value(), range);
            }
        }
        for (LabelSelector.Requirement requirement : selection.labels().requirements()) {
            if (requirement.operator() == LabelSelector.Operator.IN
                    && requirement.values().size() == 1) {
                best = best.orCheaper(
                        labels,
                        requirement.key(),
                        requirement.values().iterator().next(),
                        range);
            }
        }
        return best;
    }

    private Lookup orCheaper(SelectorIndex candidate, String candidateWord, String candidateValue, KeyRange range) {
        int size = candidate.count(candidateWord, candidateValue, range);
        return size < count ? new Lookup(candidate, candidateWord, candidateValue, size) : this;
    }
}
