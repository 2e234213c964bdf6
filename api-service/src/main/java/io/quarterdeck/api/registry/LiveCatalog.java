package io.quarterdeck.api.registry;

import io.quarterdeck.model.GroupResource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The catalogue that is served now. Each call reads one immutable catalogue; who needs several answers that agree takes
 * {@link #current}. Thread-safe.
 */
public final class LiveCatalog implements ResourceCatalog {

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Catalog current;

    public LiveCatalog(Catalog current) {
        this.current = current;
    }

    public Catalog current() {
        return current;
    }

    /** Serves {@code next} from now on and tells the listeners. */
    public synchronized void swap(Catalog next) {
        current = next;
        listeners.forEach(Runnable::run);
    }

    /** Called after each swap, on the swapping thread; must be quick. */
    public void onSwap(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public Optional<ResourceDefinition> find(String group, String version, String plural) {
        return current.find(group, version, plural);
    }

    @Override
    public Optional<ResourceDefinition> stored(GroupResource storage) {
        return current.stored(storage);
    }

    @Override
    public Optional<ResourceDefinition> byKind(String group, String version, String kind) {
        return current.byKind(group, version, kind);
    }

    @Override
    public Collection<ResourceDefinition> all() {
        return current.all();
    }

    @Override
    public List<String> groups() {
        return current.groups();
    }

    @Override
    public List<String> versions(String group) {
        return current.versions(group);
    }
}
