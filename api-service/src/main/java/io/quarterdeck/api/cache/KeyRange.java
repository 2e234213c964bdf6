package io.quarterdeck.api.cache;

import io.quarterdeck.model.ObjectKey;
import java.util.Optional;

/** The keys from {@code start} (included) to {@code end} (not included). */
record KeyRange(ObjectKey start, ObjectKey end) {

    /** Behind every name, and every namespace, that may exist. */
    private static final String LAST = "\uDBFF\uDFFF";

    static KeyRange all() {
        return new KeyRange(new ObjectKey("", ""), new ObjectKey(LAST, ""));
    }

    static KeyRange namespace(String namespace) {
        return new KeyRange(new ObjectKey(namespace, ""), new ObjectKey(namespace, LAST));
    }

    KeyRange behind(Optional<ObjectKey> key) {
        if (key.isEmpty()) {
            return this;
        }
        ObjectKey next = new ObjectKey(key.get().namespace(), key.get().name() + "\0");
        return next.compareTo(start) > 0 ? new KeyRange(next, end) : this;
    }

    boolean endsBefore(ObjectKey key) {
        return key.compareTo(end) >= 0;
    }
}
