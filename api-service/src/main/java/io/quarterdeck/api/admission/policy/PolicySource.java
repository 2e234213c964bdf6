package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.cache.CacheFollower;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The policies of one kind with their bindings, compiled when they change and as new as the cache. Thread-safe.
 *
 * @param <P> what a policy is compiled to
 */
final class PolicySource<P extends Policy> {

    /** @param bindings in the order of their names; never empty */
    record Bound<P extends Policy>(P policy, List<Document> bindings) {}

    private final CacheFollower follower;
    private final Function<Document, P> compiler;
    private final Map<String, P> policies = new TreeMap<>();
    private final Map<String, Document> bindings = new TreeMap<>();
    private volatile @Nullable List<Bound<P>> current;

    PolicySource(WatchCache cache, GroupResource policies, GroupResource bindings, Function<Document, P> compiler) {
        this.compiler = compiler;
        this.follower = new CacheFollower(
                cache, new LinkedHashMap<>(Map.of(policies, this::policy, bindings, this::binding)), this::reset);
    }

    List<Bound<P>> current() {
        follower.catchUp();
        List<Bound<P>> known = current;
        return known != null ? known : bind();
    }

    private synchronized List<Bound<P>> bind() {
        Map<String, List<Document>> byPolicy = new HashMap<>();
        bindings.values()
                .forEach(binding -> byPolicy.computeIfAbsent(binding.text("spec.policyName"), name -> new ArrayList<>())
                        .add(binding));
        List<Bound<P>> bound = new ArrayList<>();
        policies.forEach((name, policy) -> {
            List<Document> own = byPolicy.get(name);
            if (own != null) {
                bound.add(new Bound<>(policy, List.copyOf(own)));
            }
        });
        List<Bound<P>> fresh = List.copyOf(bound);
        current = fresh;
        return fresh;
    }

    private synchronized void policy(Change.Type type, Entry entry) {
        String name = entry.key().key().name();
        if (type == Change.Type.DELETED) {
            policies.remove(name);
        } else {
            policies.put(name, compiler.apply(CachedObjects.document(entry)));
        }
        current = null;
    }

    private synchronized void binding(Change.Type type, Entry entry) {
        String name = entry.key().key().name();
        if (type == Change.Type.DELETED) {
            bindings.remove(name);
        } else {
            bindings.put(name, CachedObjects.document(entry));
        }
        current = null;
    }

    private synchronized void reset() {
        policies.clear();
        bindings.clear();
        current = null;
    }
}
