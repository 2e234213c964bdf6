package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.cache.CacheFollower;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The webhooks of one kind of configuration, by the names of their configurations, as new as the cache. Thread-safe. */
final class HookSource {

    private final CacheFollower follower;
    private final Map<String, List<Hook>> configurations = new TreeMap<>();
    private volatile List<Hook> hooks = List.of();

    HookSource(WatchCache cache, GroupResource configurations) {
        this.follower = new CacheFollower(cache, Map.of(configurations, this::changed), this::reset);
    }

    List<Hook> current() {
        follower.catchUp();
        return hooks;
    }

    private synchronized void changed(Change.Type type, Entry entry) {
        String name = entry.key().key().name();
        if (type == Change.Type.DELETED) {
            configurations.remove(name);
        } else {
            Document configuration = CachedObjects.document(entry);
            List<Hook> own = new ArrayList<>();
            configuration.items("webhooks").forEach(node -> own.add(Hook.of(name, own.size(), node)));
            configurations.put(name, own);
        }
        publish();
    }

    private synchronized void reset() {
        configurations.clear();
        publish();
    }

    private void publish() {
        List<Hook> all = new ArrayList<>();
        configurations.values().forEach(all::addAll);
        hooks = List.copyOf(all);
    }
}
