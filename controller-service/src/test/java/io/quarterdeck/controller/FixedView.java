package io.quarterdeck.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.feed.Index;
import io.quarterdeck.feed.Lister;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.reconcile.View;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** A view of what a test put into it, with the indexes that it asks for made on the way. */
public final class FixedView implements View {

    public static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final Map<Class<?>, ObjectStore<HasMetadata>> stores = new HashMap<>();
    private Instant now = NOW;

    public FixedView with(HasMetadata... objects) {
        for (HasMetadata object : objects) {
            stores.computeIfAbsent(object.getClass(), kind -> new ObjectStore<>())
                    .put(object);
        }
        return this;
    }

    public FixedView index(Class<?> kind, Index<? super HasMetadata> index) {
        stores.computeIfAbsent(kind, same -> new ObjectStore<>()).index(index);
        return this;
    }

    public FixedView at(Instant instant) {
        now = instant;
        return this;
    }

    @Override
    @SuppressWarnings("unchecked") // stores are kept by the class of their objects
    public <T extends HasMetadata> Lister<T> lister(Class<T> kind) {
        return (Lister<T>) (Lister<?>) stores.computeIfAbsent(kind, same -> new ObjectStore<>());
    }

    @Override
    public Instant now() {
        return now;
    }
}
