package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.model.ObjectKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Objects of one kind in memory, ordered by {@code namespace/name}, with indexes. Many readers, who never wait; one
 * writer at a time.
 */
public final class ObjectStore<T extends HasMetadata> implements Lister<T> {

    private final ConcurrentNavigableMap<String, T> objects = new ConcurrentSkipListMap<>();
    private final Map<String, IndexBuckets<T>> indexes = new ConcurrentHashMap<>();

    private record IndexBuckets<T>(
            Index<? super T> index, ConcurrentHashMap<String, ConcurrentNavigableMap<String, T>> buckets) {

        void move(String path, @Nullable T before, @Nullable T after) {
            Collection<String> old = before == null ? List.of() : index.values().apply(before);
            Collection<String> next = after == null ? List.of() : index.values().apply(after);
            if (after != null) {
                for (String value : next) {
                    buckets.compute(value, (same, bucket) -> {
                        ConcurrentNavigableMap<String, T> kept =
                                bucket == null ? new ConcurrentSkipListMap<>() : bucket;
                        kept.put(path, after);
                        return kept;
                    });
                }
            }
            for (String value : old) {
                if (!next.contains(value)) {
                    buckets.computeIfPresent(value, (same, bucket) -> {
                        bucket.remove(path);
                        return bucket.isEmpty() ? null : bucket;
                    });
                }
            }
        }
    }

    public static ObjectKey keyOf(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return new ObjectKey(
                namespace == null ? "" : namespace, object.getMetadata().getName());
    }

    /** Files what is there already, too. Adding the same index again changes nothing. */
    public synchronized void index(Index<? super T> index) {
        if (!indexes.containsKey(index.name())) {
            IndexBuckets<T> buckets = new IndexBuckets<>(index, new ConcurrentHashMap<>());
            objects.forEach((path, object) -> buckets.move(path, null, object));
            indexes.put(index.name(), buckets);
        }
    }

    /** The object that stood there before. */
    public synchronized @Nullable T put(T object) {
        String path = keyOf(object).path();
        T before = objects.put(path, object);
        indexes.values().forEach(index -> index.move(path, before, object));
        return before;
    }

    public synchronized @Nullable T remove(ObjectKey key) {
        T before = objects.remove(key.path());
        if (before != null) {
            indexes.values().forEach(index -> index.move(key.path(), before, null));
        }
        return before;
    }

    @Override
    public Optional<T> get(String namespace, String name) {
        return Optional.ofNullable(objects.get(namespace + "/" + name));
    }

    @Override
    public List<T> all() {
        return List.copyOf(objects.values());
    }

    @Override
    public List<T> inNamespace(String namespace) {
        // '0' is the character behind '/'.
        return List.copyOf(objects.subMap(namespace + "/", namespace + "0").values());
    }

    @Override
    public List<T> byIndex(Index<? super T> index, String value) {
        IndexBuckets<T> found = indexes.get(index.name());
        if (found == null) {
            throw new IllegalArgumentException("the index " + index.name() + " was never added");
        }
        ConcurrentNavigableMap<String, T> bucket = found.buckets().get(value);
        return bucket == null ? List.of() : List.copyOf(bucket.values());
    }

    public int size() {
        return objects.size();
    }
}
