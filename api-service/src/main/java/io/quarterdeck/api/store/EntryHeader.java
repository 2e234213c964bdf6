package io.quarterdeck.api.store;

import java.util.List;
import java.util.Map;

/**
 * What selecting needs of an object without parsing it. Immutable.
 *
 * @param fields selectable fields beyond name and namespace, by their label; absent means ""
 * @param owners the uids of its owner references
 */
public record EntryHeader(
        String uid, Map<String, String> labels, Map<String, String> fields, List<String> owners, boolean deleting) {
    public EntryHeader {
        labels = Map.copyOf(labels);
        fields = Map.copyOf(fields);
        owners = List.copyOf(owners);
    }
}
