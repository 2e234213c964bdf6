package io.quarterdeck.api.proxy;

import io.quarterdeck.api.cache.CacheFollower;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.registry.VersionOrder;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Who serves which group version, as the APIService objects say now. Thread-safe. */
final class AggregatedApis {

    static final GroupResource API_SERVICES = new GroupResource("apiregistration.k8s.io", "apiservices");

    private final Map<String, AggregatedApi> byName = new ConcurrentHashMap<>();
    private final AtomicLong generation = new AtomicLong();
    private final CacheFollower follower;
    private volatile boolean anyRemote;

    AggregatedApis(WatchCache cache) {
        this.follower = new CacheFollower(cache, Map.of(API_SERVICES, this::changed), this::forget);
    }

    private void forget() {
        byName.clear();
        anyRemote = false;
        generation.incrementAndGet();
    }

    private void changed(Change.Type type, Entry entry) {
        String name = entry.key().key().name();
        if (type == Change.Type.DELETED) {
            byName.remove(name);
        } else {
            byName.put(name, AggregatedApi.of(CachedObjects.document(entry)));
        }
        anyRemote = byName.values().stream().anyMatch(api -> !api.local());
        generation.incrementAndGet();
    }

    /** The server behind this one that a group version is left to. */
    Optional<AggregatedApi> remote(String group, String version) {
        follower.catchUp();
        if (!anyRemote) {
            return Optional.empty();
        }
        return Optional.ofNullable(byName.get(version + "." + group)).filter(api -> !api.local());
    }

    List<AggregatedApi> remotes() {
        follower.catchUp();
        return byName.values().stream()
                .filter(api -> !api.local())
                .sorted(Comparator.comparing(AggregatedApi::name))
                .toList();
    }

    /** A group's versions that others serve, the preferred one first. */
    static List<AggregatedApi> inOrder(Collection<AggregatedApi> ofOneGroup) {
        return ofOneGroup.stream()
                .sorted(Comparator.comparingInt(AggregatedApi::versionPriority)
                        .reversed()
                        .thenComparing(AggregatedApi::version, VersionOrder.BEST_FIRST))
                .toList();
    }

    int priority(String group) {
        follower.catchUp();
        return byName.values().stream()
                .filter(api -> api.group().equals(group))
                .mapToInt(AggregatedApi::groupPriority)
                .max()
                .orElse(0);
    }

    long generation() {
        follower.catchUp();
        return generation.get();
    }
}
