package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/**
 * What this process knows of one kind, without asking the API. Objects are shared: never change one. Thread-safe.
 */
public interface Lister<T extends HasMetadata> {

    /** The namespace is empty for cluster-scoped kinds. */
    Optional<T> get(String namespace, String name);

    /** Everything, in the order of {@code namespace/name}. */
    List<T> all();

    List<T> inNamespace(String namespace);

    /** Objects for which {@code index} gave {@code value}. The index must have been added before the informer started. */
    List<T> byIndex(Index<? super T> index, String value);

    int size();
}
