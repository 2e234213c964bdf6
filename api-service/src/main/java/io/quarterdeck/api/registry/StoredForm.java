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

    /** Whether labels and selectable fields of an object may differ from version to version. */
    boolean rewrites();

    /** Whether the entry's body is the object in this version, byte for byte. */
    boolean asIs(Entry entry, String version);

    /**
     * The object in this version, converted, pruned and with its defaults.
     *
     * @throws io.quarterdeck.model.StatusException 500 when it cannot be converted
     */
    Document read(Entry entry, String version);

    /**
     * Brings together what must be converted by somebody else, so that it is done at once and once for all readers.
     *
     * @return entries to show in place of these; what needs nobody's help is given back as it is
     * @throws io.quarterdeck.model.StatusException 500 when one of them cannot be converted
     */
    List<Entry> prepare(List<Entry> entries, String version);

    /** The body in this version, with its resourceVersion. */
    byte[] body(Entry entry, String version);

    /**
     * An object, which is in some version, in another one: converted and nothing else.
     *
     * @throws io.quarterdeck.model.StatusException 500 when there is no such version, or it cannot be converted
     */
    Document convert(Document object, String apiVersion);

    /** The body to store of an object in the version of its request; the resourceVersion is empty. */
    byte[] encode(Document object);
}
