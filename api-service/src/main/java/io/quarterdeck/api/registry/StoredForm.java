package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.Entry;
import java.util.List;

/**
 * Between entries and objects, for kinds of which a storage may hold what is no longer served as it lies: custom
 * resources, whose versions and schemas change while their objects stay. Such kinds are judged in the version of the
 * request. Thread-safe.
 */
public interface StoredForm {

    /** The version, without group, that objects are written in. */
    String storedVersion();

    /** Whether the entry's body is the object in this version, byte for byte. */
    boolean asIs(Entry entry, String version);

    /**
     * The object in this version, converted, pruned and with its defaults.
     *
     * @throws io.quarterdeck.model.StatusException 500 when it cannot be converted
     */
    Document read(Entry entry, String version);

    /** Converts what {@link #read} and {@link #body} will be asked for, all at once. */
    void prepare(List<Entry> entries, String version);

    /** The body in this version, with its resourceVersion. */
    byte[] body(Entry entry, String version);

    /** The body to store of an object in the version of its request; the resourceVersion is empty. */
    byte[] encode(Document object);
}
