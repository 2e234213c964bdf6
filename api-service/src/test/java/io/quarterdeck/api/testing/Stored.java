package io.quarterdeck.api.testing;

import io.quarterdeck.api.cache.CacheLimits;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.api.store.memory.MemoryOrderedStore;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Stored objects for tests, as JSON, without the write path: a store in memory and the real cache over it. */
public final class Stored implements AutoCloseable {

    private static final Transaction.Attribution TEST = new Transaction.Attribution("test", "", "");

    private final MemoryOrderedStore store = new MemoryOrderedStore(InstantSource.system());
    private final StoreWatchCache cache = new StoreWatchCache(store, CacheLimits.standard());

    public Stored() {
        cache.start();
    }

    public static Document json(String json) {
        return new Document((ObjectNode) JsonMapper.shared().readTree(json));
    }

    public WatchCache cache() {
        return cache;
    }

    public CachedObjects objects() {
        return new CachedObjects(cache);
    }

    /** Creates or replaces; answers the object's uid, which is drawn where it has none. */
    public String put(GroupResource storage, String json) {
        return put(storage, json(json));
    }

    public String put(GroupResource storage, Document document) {
        ObjectKey key = new ObjectKey(document.namespace(), document.name());
        document.setIfAbsent("metadata.uid", UUID.randomUUID().toString());
        Optional<Entry> before = cache.get(storage, key, new Freshness.Any());
        String node = document.text("spec.nodeName");
        commit(new Operation.Put(
                new StoreKey(storage, key),
                before.map(Entry::revision).orElse(0L),
                "v1",
                body(document),
                new EntryHeader(
                        document.uid(),
                        document.labels(),
                        node.isEmpty() ? Map.of() : Map.of("spec.nodeName", node),
                        List.of(),
                        document.deleting())));
        return document.uid();
    }

    public void remove(GroupResource storage, String namespace, String name) {
        ObjectKey key = new ObjectKey(namespace, name);
        Entry entry = cache.get(storage, key, new Freshness.Any()).orElseThrow();
        commit(new Operation.Remove(
                entry.key(), entry.revision(), "v1", body(CachedObjects.document(entry)), entry.header()));
    }

    private void commit(Operation operation) {
        store.commit(Transaction.of(operation, TEST)).join();
    }

    private static byte[] body(Document document) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = tree.putObject("metadata");
        metadata.put("resourceVersion", "");
        document.at("metadata").properties().forEach(field -> {
            if (!field.getKey().equals("resourceVersion")) {
                metadata.set(field.getKey(), field.getValue());
            }
        });
        document.tree().properties().forEach(field -> {
            if (!List.of("apiVersion", "kind", "metadata").contains(field.getKey())) {
                tree.set(field.getKey(), field.getValue());
            }
        });
        String text = JsonMapper.shared().writeValueAsString(tree);
        return text.substring(1).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws Exception {
        cache.close();
        store.close();
    }
}
