package io.quarterdeck.api.cache;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stored objects as trees, for rules that look at objects other than their own. The trees are the caller's. Thread-safe.
 */
@Component
public final class CachedObjects {

    private static final ObjectMapper JSON = JsonMapper.shared();

    private final WatchCache cache;

    public CachedObjects(WatchCache cache) {
        this.cache = cache;
    }

    /** The entry as the cache has it; when it has none, as the store has it now. */
    public Optional<Entry> entry(GroupResource storage, ObjectKey key) {
        Optional<Entry> known = cache.get(storage, key, new Freshness.Any());
        return known.isPresent() ? known : cache.get(storage, key, new Freshness.Consistent());
    }

    public Optional<Document> find(GroupResource storage, ObjectKey key) {
        return entry(storage, key).map(CachedObjects::document);
    }

    /** As {@link #find}, without asking the store when the cache has none: for what is usually absent. */
    public Optional<Document> known(GroupResource storage, ObjectKey key) {
        return cache.get(storage, key, new Freshness.Any()).map(CachedObjects::document);
    }

    /** All objects of a storage; an empty namespace means everywhere. */
    public List<Document> list(GroupResource storage, String namespace) {
        return entries(storage, namespace).stream().map(CachedObjects::document).toList();
    }

    /** As {@link #list}, not yet read. */
    public List<Entry> entries(GroupResource storage, String namespace) {
        Selection selection = namespace.isEmpty()
                ? Selection.ALL
                : new Selection(namespace, "", Selection.ALL.labels(), Selection.ALL.fields());
        return cache.list(storage, ListQuery.of(selection, new Freshness.Any())).entries();
    }

    /** An entry's body as a tree, without apiVersion and kind. */
    public static Document document(Entry entry) {
        byte[] object = new byte[entry.body().length + 1];
        object[0] = '{';
        System.arraycopy(entry.body(), 0, object, 1, entry.body().length);
        return new Document((ObjectNode) JSON.readTree(object));
    }
}
